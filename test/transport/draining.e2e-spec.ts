import { ADAPTERS } from '../support/adapters.js';
import { initializeParams } from '../support/sessions.js';
import { modernMeta, rpc, rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { bootSessions } from '../support/sessions-app.js';
import {
  beginSession,
  callStream,
  listenTo,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

/** Milliseconds: longer than any of these tests may take, and well below it. */
const DRAIN_TIMEOUT = 60_000;
const AT_ONCE = 10_000;

const elapsed = async (task: Promise<unknown>): Promise<number> => {
  const started = Date.now();
  await task;
  return Date.now() - started;
};

/** Until an application that closes takes no new calls. */
const untilDraining = (endpoint: string): Promise<void> =>
  until(
    async () => (await rpc(endpoint, 'modern', 'tools/list')).status === 503,
  );

describe.each(ADAPTERS)('an application that closes on %s', (adapter) => {
  const subscribe = (endpoint: string) => {
    const params = { notifications: { toolsListChanged: true } };
    return stream(
      endpoint,
      'POST',
      rpcHeaders('modern', 'subscriptions/listen', params),
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'subscriptions/listen',
        params: { ...params, _meta: modernMeta() },
      },
    );
  };

  it('lets running calls finish, and takes no new ones', async () => {
    const app = await bootSessions(adapter, {
      limits: { drainTimeout: DRAIN_TIMEOUT },
    });
    const session = await beginSession(app.endpoint);
    const calls = [
      callStream(app.endpoint, session, 'wait', { gate: 'g' }, 1),
      callStream(
        app.endpoint,
        { id: '', headers: {} },
        'wait',
        { gate: 'g' },
        2,
      ),
      stream(
        app.endpoint,
        'POST',
        rpcHeaders('modern', 'tools/call', { name: 'wait' }),
        rpcBody(
          'modern',
          'tools/call',
          { name: 'wait', arguments: { gate: 'g' } },
          { id: 3 },
        ),
      ),
    ];
    await until(() => app.gates.started.length === 3);
    let isClosed = false;
    const closing = app.close().then(() => (isClosed = true));
    await untilDraining(app.endpoint);
    for (const era of ['modern', 'legacy'] as const) {
      const refused = await rpc(
        app.endpoint,
        era,
        'tools/list',
        initializeParams(),
      );
      expect(refused.status).toBe(503);
      expect(refused.messages[0]?.error?.code).toBe(-32603);
    }
    expect(isClosed).toBe(false);
    app.gates.open('g');
    expect(await elapsed(closing)).toBeLessThan(AT_ONCE);
    await Promise.all(calls.map(({ ended }) => ended));
    expect(calls.map((call) => call.received())).toEqual(
      [1, 2, 3].map(
        (id) =>
          expect.stringMatching(
            new RegExp(`"result".*"id":${id}|"id":${id}.*"result"`),
          ) as string,
      ),
    );
  });

  it('waits for a call that nobody reads any more', async () => {
    const app = await bootSessions(adapter, {
      limits: { drainTimeout: DRAIN_TIMEOUT },
    });
    const session = await beginSession(app.endpoint);
    const call = callStream(app.endpoint, session, 'wait', { gate: 'left' });
    await until(() => app.gates.started.length === 1);
    call.abandon();
    await call.ended;
    const closing = app.close();
    await untilDraining(app.endpoint);
    app.gates.open('left');
    await closing;
    expect(app.gates.ended).toEqual(['left']);
  });

  it('waits for an answer that a call has asked for', async () => {
    const app = await bootSessions(adapter, {
      limits: { drainTimeout: DRAIN_TIMEOUT },
    });
    const session = await beginSession(app.endpoint, {}, { elicitation: {} });
    const call = callStream(app.endpoint, session, 'ask');
    const question = () =>
      call.messages().find(({ method }) => method === 'elicitation/create');
    await until(() => question() !== undefined);
    const closing = app.close();
    await untilDraining(app.endpoint);
    const answer = stream(app.endpoint, 'POST', session.headers, {
      jsonrpc: '2.0',
      id: question()?.id,
      result: { action: 'accept', content: { name: 'Ada' } },
    });
    await until(() => answer.status() !== undefined);
    expect(answer.status()).toBe(202);
    await closing;
    expect(JSON.stringify(call.messages().at(-1)?.result)).toContain('Ada');
  });

  it('gives up on calls after limits.drainTimeout', async () => {
    const app = await bootSessions(adapter, { limits: { drainTimeout: 300 } });
    const session = await beginSession(app.endpoint);
    const call = callStream(app.endpoint, session, 'wait', { gate: 'never' });
    await until(() => app.gates.started.length === 1);
    const duration = await elapsed(app.close());
    expect(duration).toBeGreaterThanOrEqual(290);
    expect(duration).toBeLessThan(AT_ONCE);
    await call.ended;
    expect(app.gates.ended).toEqual(['never given up']);
  });

  it('does not wait for streams that stay open, and ends them as is proper', async () => {
    const app = await bootSessions(adapter, {
      limits: { drainTimeout: DRAIN_TIMEOUT },
    });
    const session = await beginSession(app.endpoint);
    const opened = await listenTo(app.endpoint, session.headers);
    const subscription = subscribe(app.endpoint);
    await until(() => subscription.received().includes('acknowledged'));
    expect(await elapsed(app.close())).toBeLessThan(AT_ONCE);
    await Promise.all([opened.ended, subscription.ended]);
    expect(opened.isComplete()).toBe(true);
    expect(subscription.isComplete()).toBe(true);
    expect(subscription.received()).toContain('"result"');
    expect(app.sessions.all()).toEqual([]);
  });
});
