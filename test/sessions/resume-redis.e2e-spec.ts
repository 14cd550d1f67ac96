import { jest } from '@jest/globals';
import { createClient } from 'redis';
import { EventStore } from '../../lib/transport/resume/event.store.js';
import { RedisEventStore } from '../../lib/transport/resume/redis-event.store.js';
import { ADAPTERS } from '../support/adapters.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { rpc } from '../support/json-rpc.js';
import {
  redisAvailable,
  startRedis,
  type RedisServer,
} from '../support/redis-server.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  callStream,
  listenTo,
  type RawSession,
} from '../support/sessions.js';
import { until } from '../support/until.js';

// Redis starts and stops.
jest.setTimeout(60_000);

const SECRETS = ['a secret of the tests that is long enough'];

type Connection = ReturnType<typeof createClient>;

const [withRedis, title] = redisAvailable()
  ? [describe.each(ADAPTERS), 'two instances that share Redis, on %s']
  : [
      describe.skip.each(ADAPTERS),
      'two instances that share Redis are not tested on %s: there is no redis-server',
    ];

withRedis(title, (adapter) => {
  let redis: RedisServer;
  let issuer: TestIssuer;
  const connections: Connection[] = [];
  let here: SessionApp;
  let there: SessionApp;

  const boot = async () => {
    const client = createClient({ url: redis.url }) as Connection;
    client.on('error', () => undefined);
    connections.push(client);
    await client.connect();
    return bootSessions(adapter, { auth: { verifier: issuer.verifier } }, [
      {
        provide: EventStore,
        useValue: new RedisEventStore({ client, secrets: SECRETS }),
      },
    ]);
  };

  beforeAll(async () => {
    redis = await startRedis();
    issuer = await createIssuer();
    here = await boot();
    there = await boot();
  });
  afterAll(async () => {
    await here?.close();
    await there?.close();
    for (const connection of connections) {
      connection.destroy();
    }
    await redis?.stop();
  });

  const begin = async () => beginSession(here.endpoint, await issuer.bearer());
  const callTo = async (session: RawSession, gate: string) => {
    const call = callStream(here.endpoint, session, 'wait', { gate }, 1, {
      progressToken: 1,
    });
    await until(() => call.messages().length === 1);
    return call;
  };
  const resumeAt = (
    app: SessionApp,
    headers: Record<string, string>,
    id: string | undefined,
  ) => listenTo(app.endpoint, { ...headers, 'last-event-id': id ?? '' });

  it('resume on one what was dropped on the other, up to the answer (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const call = await callTo(session, 'moved');
    call.abandon();
    await call.ended;
    const resumed = await resumeAt(
      there,
      session.headers,
      call.events()[0]?.id,
    );
    expect(resumed.status()).toBe(200);
    expect(resumed.header('mcp-session-id')).toBe(session.id);
    await until(() => resumed.messages().length === 1);
    here.gates.open('moved');
    await resumed.ended;
    expect(resumed.isComplete()).toBe(true);
    expect(resumed.messages()).toMatchObject([
      { params: { message: 'before moved' } },
      { params: { message: 'after moved' } },
      { id: 1, result: {} },
    ]);
  });

  it('resume on the same instance, from Redis', async () => {
    const session = await begin();
    const call = await callTo(session, 'same');
    call.abandon();
    await call.ended;
    const resumed = await resumeAt(here, session.headers, call.events()[0]?.id);
    here.gates.open('same');
    await resumed.ended;
    expect(resumed.messages()).toHaveLength(3);
  });

  it('resume nothing for another identity, another session or an unknown event: 404 (MCP, Security Best Practices, "Session Hijacking")', async () => {
    const session = await begin();
    const other = await begin();
    const call = await callTo(session, 'secret');
    const id = call.events()[0]?.id;
    const eve = await issuer.bearer({ sub: 'eve' });
    const statuses = await Promise.all(
      [
        resumeAt(there, { ...session.headers, ...eve }, id),
        resumeAt(there, { 'mcp-session-id': session.id }, id),
        resumeAt(there, other.headers, id),
        resumeAt(there, session.headers, `1-1.${session.id.slice(0, 8)}`),
        resumeAt(there, session.headers, 'no id'),
      ].map(async (opened) => (await opened).status()),
    );
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
    here.gates.open('secret');
    await call.ended;
  });

  it('serve each the sessions that the other has begun, to their owner', async () => {
    const session = await begin();
    const list = (headers: Record<string, string>) =>
      rpc(there.endpoint, 'legacy', 'tools/list', {}, { headers });
    const eve = await issuer.bearer({ sub: 'eve' });
    expect((await list({ ...session.headers, ...eve })).status).toBe(404);
    expect((await list(session.headers)).status).toBe(200);
    expect((await list({ ...session.headers, ...eve })).status).toBe(404);
  });

  it('take a session up once, however many requests come for it', async () => {
    const session = await begin();
    const before = there.sessions.all().length;
    const answers = await Promise.all(
      [1, 2, 3, 4].map((id) =>
        rpc(
          there.endpoint,
          'legacy',
          'tools/list',
          {},
          {
            headers: session.headers,
            id,
          },
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(there.sessions.all()).toHaveLength(before + 1);
  });

  it('stop following when the session ends', async () => {
    const session = await begin();
    const call = await callTo(session, 'ended');
    const resumed = await resumeAt(
      there,
      session.headers,
      call.events()[0]?.id,
    );
    expect(resumed.status()).toBe(200);
    await fetch(here.endpoint, { method: 'DELETE', headers: session.headers });
    await Promise.all([call.ended, resumed.ended]);
  }, 20_000);

  it('leave nothing in Redis of a session that has ended, and let the rest expire', async () => {
    const [client] = connections as [Connection];
    const session = await begin();
    const keys = await client.keys(`mcp:events:${session.id}*`);
    expect(keys).toHaveLength(3);
    for (const key of keys) {
      expect(await client.pTTL(key)).toBeGreaterThan(0);
    }
    await fetch(here.endpoint, { method: 'DELETE', headers: session.headers });
    expect(await client.keys(`mcp:events:${session.id}*`)).toEqual([]);
  });

  it('end what they follow when they close', async () => {
    const third = await boot();
    const session = await begin();
    const call = await callTo(session, 'closing');
    const resumed = await resumeAt(
      third,
      session.headers,
      call.events()[0]?.id,
    );
    await third.close();
    await resumed.ended;
    expect(resumed.isComplete()).toBe(true);
    here.gates.open('closing');
    await call.ended;
  });
});
