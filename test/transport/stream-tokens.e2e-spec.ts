import { setTimeout as sleep } from 'node:timers/promises';
import { TokenVerifier, VerifierUnavailableError } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { DpopKey, tokenHash } from '../support/dpop-key.js';
import {
  makeTimeMovable,
  passTime,
  releaseTime,
} from '../support/frozen-time.js';
import { modernMeta, rpc, rpcHeaders } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  type Headers,
  listenTo,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

/** Opaque tokens without expiry, which can be revoked. */
class Revocable extends TokenVerifier {
  override readonly audienceBinding = 'construction';
  readonly known = new Map<string, object>();
  asked = 0;
  isDown = false;

  override async verify(token: string) {
    this.asked += 1;
    if (this.isDown) {
      throw new VerifierUnavailableError('down');
    }
    return (this.known.get(token) as Record<string, unknown>) ?? null;
  }
}

/** Milliseconds between two verifications. */
const INTERVAL = 10_000;

/** Lets time pass, and what it has brought about arrive. */
async function pass(milliseconds: number): Promise<void> {
  await passTime(milliseconds);
  await sleep(50);
}

beforeEach(makeTimeMovable);
afterEach(releaseTime);

const bearer = (token: string): Headers => ({
  authorization: `Bearer ${token}`,
});

/** Opens `subscriptions/listen`. */
async function subscribe(endpoint: string, headers: Headers) {
  const params = { notifications: { toolsListChanged: true } };
  const opened = stream(
    endpoint,
    'POST',
    { ...rpcHeaders('modern', 'subscriptions/listen', params), ...headers },
    {
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { ...params, _meta: modernMeta() },
    },
  );
  await until(() => opened.received().includes('acknowledged'));
  return opened;
}

describe.each(ADAPTERS)('the token of an open stream, on %s', (adapter) => {
  let verifier: Revocable;
  let app: SessionApp;

  beforeEach(async () => {
    verifier = new Revocable();
    for (const token of ['a', 'b']) {
      verifier.known.set(token, { sub: token, scope: 'read' });
    }
    app = await bootSessions(adapter, {
      legacy: { sse: true },
      auth: { verifier, recheckStreamsAfter: INTERVAL / 1000 },
    });
  });
  afterEach(() => app?.close());

  const openers = {
    'the GET stream of a session': async (headers: Headers) => {
      const session = await beginSession(app.endpoint, headers);
      return listenTo(app.endpoint, session.headers);
    },
    'a resumed stream': async (headers: Headers) => {
      const session = await beginSession(app.endpoint, headers);
      const call = await rpc(
        app.endpoint,
        'legacy',
        'tools/call',
        { name: 'later', arguments: { gate: 'never' } },
        { headers: session.headers },
      );
      const [, last = ''] = /^id: ?(.+)$/m.exec(call.text) ?? [];
      expect(last).not.toBe('');
      return listenTo(app.endpoint, {
        ...session.headers,
        'last-event-id': last,
      });
    },
    'a stream of HTTP+SSE': (headers: Headers) =>
      listenTo(`${app.url}/sse`, headers),
    'subscriptions/listen': (headers: Headers) =>
      subscribe(app.endpoint, headers),
  };

  it.each(Object.entries(openers))(
    'ends %s soon after it was revoked, and no stream of another',
    async (_, open) => {
      const mine = await open(bearer('a'));
      const other = await open(bearer('b'));
      expect([mine.status(), other.status()]).toEqual([200, 200]);
      const before = verifier.asked;
      await pass(2.5 * INTERVAL);
      expect(verifier.asked - before).toBeGreaterThanOrEqual(4);
      expect([mine.isComplete(), other.isComplete()]).toEqual([false, false]);
      verifier.known.delete('a');
      await pass(INTERVAL);
      await mine.ended;
      expect(mine.isComplete()).toBe(true);
      await pass(INTERVAL);
      expect(other.isComplete()).toBe(false);
      other.abandon();
    },
  );

  it('ends it where its rights are others, and lets the client open another', async () => {
    const opened = await subscribe(app.endpoint, bearer('a'));
    verifier.known.set('a', { sub: 'a', scope: '' });
    await pass(INTERVAL);
    await opened.ended;
    expect(opened.isComplete()).toBe(true);
    (await subscribe(app.endpoint, bearer('a'))).abandon();
  });

  it('is verified once for all its streams', async () => {
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => subscribe(app.endpoint, bearer('a'))),
    );
    const before = verifier.asked;
    await pass(3.5 * INTERVAL);
    expect(verifier.asked - before).toBeGreaterThanOrEqual(1);
    expect(verifier.asked - before).toBeLessThanOrEqual(4);
    opened.forEach((each) => each.abandon());
  });

  it('may be unknown for five times as long while its verifier is down', async () => {
    const opened = await subscribe(app.endpoint, bearer('a'));
    verifier.isDown = true;
    await pass(4 * INTERVAL);
    expect(opened.isComplete()).toBe(false);
    await pass(2 * INTERVAL);
    await opened.ended;
    expect(opened.isComplete()).toBe(true);
  });
});

describe.each(ADAPTERS)('credentials that count once, on %s', (adapter) => {
  it('are not asked for again while a stream is open (RFC 9449, section 11.1)', async () => {
    const issuer = await createIssuer();
    const app = await bootSessions(adapter, {
      auth: { verifier: issuer.verifier, recheckStreamsAfter: INTERVAL / 1000 },
    });
    try {
      const key = await DpopKey.create();
      const token = await issuer.token({ cnf: { jkt: key.jkt } });
      const opened = await subscribe(app.endpoint, {
        authorization: `DPoP ${token}`,
        dpop: await key.prove({ htu: RESOURCE, ath: tokenHash(token) }),
      });
      await pass(5 * INTERVAL);
      expect(opened.isComplete()).toBe(false);
      opened.abandon();
    } finally {
      await app.close();
    }
  });
});
