import { ADAPTERS } from '../support/adapters.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  initialize,
  initializeParams,
  listenTo,
} from '../support/sessions.js';

describe.each(ADAPTERS)('sessions of anonymous callers on %s', (adapter) => {
  let issuer: TestIssuer;
  let app: SessionApp;
  beforeAll(async () => {
    issuer = await createIssuer();
  });
  beforeEach(async () => {
    app = await bootSessions(
      adapter,
      {
        auth: { verifier: issuer.verifier },
        legacy: { sessions: { max: 3, maxPerUser: 3 } },
      },
      [],
      { nest: { forceCloseConnections: true } },
    );
  });
  afterEach(() => app?.close());
  const ids = () => app.sessions.all().map(({ id }) => id);

  it('end first where the server has no room, although others are idle for longer', async () => {
    const { endpoint } = app;
    const ada = await beginSession(
      endpoint,
      await issuer.bearer({ sub: 'ada' }),
    );
    const anonymous = [
      await beginSession(endpoint),
      await beginSession(endpoint),
    ];
    const bob = await beginSession(
      endpoint,
      await issuer.bearer({ sub: 'bob' }),
    );
    expect(ids()).toEqual([ada.id, anonymous[1]?.id, bob.id]);
    const cleo = await beginSession(
      endpoint,
      await issuer.bearer({ sub: 'cleo' }),
    );
    expect(ids()).toEqual([ada.id, bob.id, cleo.id]);
    const dan = await beginSession(
      endpoint,
      await issuer.bearer({ sub: 'dan' }),
    );
    expect(ids()).toEqual([bob.id, cleo.id, dan.id]);
  });

  it('take no room from a user: 503', async () => {
    const { endpoint } = app;
    for (const sub of ['ada', 'bob', 'cleo']) {
      await beginSession(endpoint, await issuer.bearer({ sub }));
    }
    const before = ids();
    expect((await initialize(endpoint)).status).toBe(503);
    expect(ids()).toEqual(before);
  });

  it('do not end while they are in use', async () => {
    const { endpoint } = app;
    const busy = await beginSession(endpoint);
    const opened = await listenTo(endpoint, busy.headers);
    for (const sub of ['ada', 'bob', 'cleo']) {
      await beginSession(endpoint, await issuer.bearer({ sub }));
    }
    expect(ids()).toContain(busy.id);
    opened.abandon();
  });
});

describe.each(ADAPTERS)('a proxy in front of %s', (adapter) => {
  const FORWARDED = { 'x-forwarded-for': '203.0.113.7' };
  const warnings = ({ logger }: SessionApp) =>
    logger.of('warn').filter((line) => line.includes('x-forwarded-for'));

  it('that is not trusted is warned of, once', async () => {
    const app = await bootSessions(adapter);
    await initialize(app.endpoint);
    expect(warnings(app)).toEqual([]);
    await initialize(app.endpoint, FORWARDED);
    await initialize(app.endpoint, FORWARDED);
    expect(warnings(app)).toEqual([expect.stringContaining('trust')]);
    await app.close();
  });

  // Fastify is told when the adapter is made, which the support does.
  (adapter === 'express' ? it : it.skip)(
    'that is trusted tells callers apart, and is not warned of',
    async () => {
      const app = await bootSessions(
        adapter,
        { legacy: { sessions: { maxPerUser: 1 } } },
        [],
        {
          configure: (booted) =>
            void booted.getHttpAdapter().getInstance().set('trust proxy', 1),
        },
      );
      await initialize(app.endpoint, FORWARDED);
      await initialize(app.endpoint, { 'x-forwarded-for': '203.0.113.8' });
      expect(app.sessions.all()).toHaveLength(2);
      expect(warnings(app)).toEqual([]);
      await app.close();
    },
  );
});

it('anonymous callers whose address a plugin of Fastify empties are told apart by their connections', async () => {
  const app = await bootSessions(
    'fastify',
    { legacy: { sessions: { maxPerUser: 1 } } },
    [],
    {
      configure: (booted) =>
        void booted
          .getHttpAdapter()
          .getInstance()
          .addHook(
            'onRequest',
            (request: object, _: unknown, done: () => void) => {
              Object.defineProperty(request, 'ip', { value: '' });
              done();
            },
          ),
    },
  );
  try {
    for (const localAddress of ['127.0.0.1', '127.0.0.2', '127.0.0.2']) {
      const { status } = await sendRaw(app.endpoint, {
        method: 'POST',
        headers: rpcHeaders('legacy', 'initialize', {}),
        body: JSON.stringify(
          rpcBody('legacy', 'initialize', initializeParams()),
        ),
        localAddress,
      });
      expect(status).toBe(200);
    }
    expect(app.sessions.all()).toHaveLength(2);
  } finally {
    await app.close();
  }
});
