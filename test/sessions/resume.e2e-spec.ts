import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { ADAPTERS } from '../support/adapters.js';
import { EventStore } from '../../lib/transport/resume/event.store.js';
import { MemoryEventStore } from '../../lib/transport/resume/memory-event.store.js';
import { rpc } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  callStream,
  listenTo,
  type RawSession,
  type SessionStream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

/** The id of the latest event. */
export const lastIdOf = (opened: SessionStream): string =>
  opened.events().at(-1)?.id ?? '';

describe.each(ADAPTERS)('streams of a session on %s', (adapter) => {
  let issuer: TestIssuer;
  let app: SessionApp;
  let endpoint: string;

  beforeAll(async () => {
    issuer = await createIssuer();
    app = await bootSessions(adapter, {
      auth: { verifier: issuer.verifier },
      legacy: { sessions: { retryInterval: 321 } },
    });
    endpoint = app.endpoint;
  });
  afterAll(() => app?.close());

  const begin = async (sub = 'ada') =>
    beginSession(endpoint, await issuer.bearer({ sub }));
  const resume = ({ headers }: RawSession, id: string) =>
    listenTo(endpoint, { ...headers, 'last-event-id': id });
  /** A call that is under way, with its first report received. */
  const callTo = async (session: RawSession, gate: string, id = 1) => {
    const call = callStream(endpoint, session, 'wait', { gate }, id, {
      progressToken: id,
    });
    await until(() => call.messages().length === 1);
    return call;
  };

  it('begin with an event that has an id, no data, and when to come back (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const call = await callTo(await begin(), 'primed');
    expect(call.events()[0]).toEqual({
      id: expect.stringMatching(/^\S+$/) as string,
      retry: '321',
      event: undefined,
      data: '',
    });
    app.gates.open('primed');
    await call.ended;
  });

  it('have events of their own, with ids unique in the session (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const calls = [
      await callTo(session, 'a', 1),
      await callTo(session, 'b', 2),
    ];
    app.gates.open('a');
    app.gates.open('b');
    await Promise.all(calls.map(({ ended }) => ended));
    const ids = calls.flatMap((call) => call.events().map(({ id }) => id));
    expect(ids).toHaveLength(8);
    expect(new Set(ids).size).toBe(8);
  });

  it('are resumed after a drop: what was missed comes, then what follows (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const call = await callTo(session, 'dropped');
    call.abandon();
    await call.ended;
    const resumed = await resume(session, lastIdOf(call));
    expect(resumed.status()).toBe(200);
    app.gates.open('dropped');
    await resumed.ended;
    expect(resumed.messages()).toEqual([
      expect.objectContaining({ method: 'notifications/progress' }),
      expect.objectContaining({ id: 1, result: expect.anything() as unknown }),
    ]);
    expect(resumed.isComplete()).toBe(true);
  });

  it('are resumed when the answer is there already, which ends them', async () => {
    const session = await begin();
    const call = await callTo(session, 'missed');
    call.abandon();
    await call.ended;
    app.gates.open('missed');
    await until(() => app.sessions.runningCalls === 0);
    const first = call.events()[0]?.id ?? '';
    const resumed = await resume(session, first);
    await resumed.ended;
    expect(resumed.messages()).toHaveLength(3);
    expect(resumed.messages().at(-1)).toMatchObject({ id: 1, result: {} });
  });

  it('take over from a connection that is only half gone', async () => {
    const session = await begin();
    const call = await callTo(session, 'half');
    const resumed = await resume(session, lastIdOf(call));
    expect(resumed.status()).toBe(200);
    await call.ended;
    app.gates.open('half');
    await resumed.ended;
    expect(resumed.messages().at(-1)).toMatchObject({ id: 1, result: {} });
  });

  it('never carry the messages of another (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const one = await callTo(session, 'one', 11);
    const other = await callTo(session, 'other', 22);
    one.abandon();
    await one.ended;
    app.gates.open('other');
    await other.ended;
    const resumed = await resume(session, one.events()[0]?.id ?? '');
    app.gates.open('one');
    await resumed.ended;
    expect(resumed.received()).toContain('before one');
    expect(resumed.received()).not.toContain('other');
    expect(resumed.messages().at(-1)).toMatchObject({ id: 11, result: {} });
  });

  it('are ended by a tool that takes its time, and resumed by its client (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const call = callStream(endpoint, session, 'later', { gate: 'later' }, 5);
    await call.ended;
    expect(call.isComplete()).toBe(true);
    expect(call.events()).toHaveLength(1);
    const resumed = await resume(session, lastIdOf(call));
    app.gates.open('later');
    await resumed.ended;
    expect(resumed.messages()).toEqual([expect.objectContaining({ id: 5 })]);
  });

  it('that belong to no call are resumed, too', async () => {
    const session = await begin();
    const opened = await listenTo(endpoint, session.headers);
    const { server } = app.sessions.all().find(({ id }) => id === session.id)!;
    const tell = (uri: string) =>
      server.notification({
        method: 'notifications/tools/list_changed',
        params: { _meta: { uri } },
      });
    const uris = (from: SessionStream) =>
      from.messages().map(({ params }) => params?.['_meta']);
    await tell('test://1');
    await until(() => opened.messages().length === 1);
    opened.abandon();
    await opened.ended;
    await tell('test://2');
    const resumed = await resume(session, lastIdOf(opened));
    await until(() => resumed.messages().length === 1);
    await tell('test://3');
    await until(() => resumed.messages().length === 2);
    expect(uris(resumed)).toEqual([{ uri: 'test://2' }, { uri: 'test://3' }]);
    resumed.abandon();
  });

  it('are nobody else’s: 404 for another identity, an id of another session, and none (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await begin();
    const call = await callTo(session, 'private');
    const id = lastIdOf(call);
    const statusOf = async (headers: Record<string, string>, event: string) => {
      const opened = await listenTo(endpoint, {
        ...headers,
        'last-event-id': event,
      });
      await opened.ended;
      expect(opened.received()).not.toContain('private');
      return opened.status();
    };
    const eve = await issuer.bearer({ sub: 'eve' });
    const ofEve = await begin('eve');
    const ownOther = await begin();
    expect(
      await Promise.all([
        statusOf({ ...eve, 'mcp-session-id': session.id }, id),
        statusOf({ 'mcp-session-id': session.id }, id),
        statusOf(ofEve.headers, id),
        statusOf(ownOther.headers, id),
        statusOf(session.headers, '999999'),
        statusOf(session.headers, 'no event'),
      ]),
    ).toEqual([404, 404, 404, 404, 404, 404]);
    app.gates.open('private');
    await call.ended;
  });

  it('are gone after DELETE', async () => {
    const session = await begin();
    const call = await callTo(session, 'doomed');
    await fetch(endpoint, { method: 'DELETE', headers: session.headers });
    await call.ended;
    expect((await resume(session, lastIdOf(call))).status()).toBe(404);
  });
});

/** Takes everything, and then nothing. */
class FailingStore extends MemoryEventStore {
  isDown = false;

  override append(session: string, stream: string, message: unknown) {
    return this.isDown
      ? Promise.reject(new Error('the store is down'))
      : super.append(session, stream, message);
  }
}

/** Takes an event when it is told to. */
class SlowStore extends MemoryEventStore {
  held: (() => void)[] | undefined;

  override async append(session: string, stream: string, message: unknown) {
    const { held } = this;
    if (held) {
      await new Promise<void>((resolve) => held.push(resolve));
    }
    return super.append(session, stream, message);
  }
}

describe('an event store of the application', () => {
  it('that is slow has requests of a session answered 404 that ends meanwhile (MCP 2025-11-25, Transports, "Session Management")', async () => {
    const store = new SlowStore();
    const app = await bootSessions('express', {}, [
      { provide: EventStore, useValue: store },
    ]);
    const { headers } = await beginSession(app.endpoint);
    const held: (() => void)[] = [];
    store.held = held;
    const listed = rpc(app.endpoint, 'legacy', 'tools/list', {}, { headers });
    await until(() => held.length === 1);
    await fetch(app.endpoint, { method: 'DELETE', headers });
    held.forEach((release) => release());
    expect(await listed).toMatchObject({
      status: 404,
      response: { error: { code: -32001, message: 'Session not found' } },
    });
    await app.close();
  });

  it('is used, and a failure of it costs resumption only', async () => {
    const store = new FailingStore();
    const app = await bootSessions('express', {}, [
      { provide: EventStore, useValue: store },
    ]);
    const session = await beginSession(app.endpoint);
    expect(store.bytes).toBeGreaterThan(0);
    expect(await store.ownerOf(session.id)).toMatch(/^[\w-]{43}$/);
    store.isDown = true;
    const answer = await rpc(
      app.endpoint,
      'legacy',
      'tools/list',
      {},
      {
        headers: session.headers,
      },
    );
    expect(answer.response?.result).toHaveProperty('tools');
    expect(app.logger.of('warn').join()).toContain(
      'could not keep an event: Error: the store is down',
    );
    await fetch(app.endpoint, { method: 'DELETE', headers: session.headers });
    expect(store.bytes).toBe(0);
    expect(await store.ownerOf(session.id)).toBeUndefined();
    await app.close();
  });
});
