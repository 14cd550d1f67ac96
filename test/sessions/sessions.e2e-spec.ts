import { Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADAPTERS } from '../support/adapters.js';
import { callTool } from '../support/call-tool.js';
import {
  makeTimeMovable,
  passTime,
  releaseTime,
} from '../support/frozen-time.js';
import { MODERN_VERSION, rpc, rpcHeaders } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  callStream,
  initialize,
  listenTo,
  NOT_FOUND,
  probe,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

const MINUTE = 60_000;
const UNKNOWN = { 'mcp-session-id': '5a2c8f9e-3d07-4d62-9d53-0a8f5d1f0a11' };

describe.each(ADAPTERS)('legacy sessions on %s', (adapter) => {
  let app: SessionApp;
  let endpoint: string;

  beforeAll(async () => {
    app = await bootSessions(adapter);
    endpoint = app.endpoint;
  });
  afterAll(() => app?.close());

  describe('their ids', () => {
    it('are given with the answer to initialize: random, of visible ASCII (MCP 2025-11-25, Transports, "Session Management")', async () => {
      const ids = new Set<string>();
      for (let count = 0; count < 20; count++) {
        const answer = await initialize(endpoint);
        expect(answer.response?.result).toMatchObject({
          protocolVersion: '2025-11-25',
        });
        const id = answer.headers.get('mcp-session-id') ?? '';
        expect(id).toMatch(/^[\x21-\x7e]{36}$/);
        ids.add(id);
      }
      expect(ids.size).toBe(20);
    });

    it.each([
      ['unknown', UNKNOWN],
      ['of no form of ours', { 'mcp-session-id': 'session' }],
      ['empty', { 'mcp-session-id': '' }],
    ])(
      'that are %s are answered 404 on POST, GET and DELETE (MCP 2025-11-25, Transports, "Session Management")',
      async (_, id) => {
        expect(await probe(endpoint, id)).toEqual(NOT_FOUND);
      },
    );

    it('do not come from the client: initialize with an unknown one is answered 404 (MCP 2025-11-25, Transports, "Session Management")', async () => {
      const answer = await initialize(endpoint, UNKNOWN);
      expect(answer.status).toBe(404);
    });

    it('are gone after DELETE, and so are the streams (MCP 2025-11-25, Transports, "Session Management")', async () => {
      const session = await beginSession(endpoint);
      const opened = await listenTo(endpoint, session.headers);
      const call = callStream(endpoint, session, 'wait', { gate: 'deleted' });
      await until(() => app.gates.started.includes('deleted'));
      const answer = await fetch(endpoint, {
        method: 'DELETE',
        headers: session.headers,
      });
      expect(answer.status).toBe(200);
      await Promise.all([opened.ended, call.ended]);
      expect(opened.isComplete()).toBe(true);
      await until(() => app.gates.ended.includes('deleted given up'));
      expect(await probe(endpoint, session.headers)).toEqual(NOT_FOUND);
    });
  });

  it('serve requests one after another, and tell calls the id', async () => {
    const session = await beginSession(endpoint);
    const notified = await fetch(endpoint, {
      method: 'POST',
      headers: { ...rpcHeaders('legacy', 'x', {}), ...session.headers },
      body: '{"jsonrpc":"2.0","method":"notifications/initialized"}',
    });
    expect(notified.status).toBe(202);
    const result = await callTool(
      endpoint,
      'who',
      {},
      {
        era: 'legacy',
        headers: session.headers,
      },
    );
    expect(result.structuredContent ?? JSON.parse(result.text)).toMatchObject({
      before: { session: session.id },
    });
  });

  it('are initialized once: a second initialize is refused', async () => {
    const session = await beginSession(endpoint);
    const again = await initialize(endpoint, session.headers);
    expect(again.status).toBe(400);
    expect(again.response?.error?.code).toBe(-32600);
  });

  it('are not begun by an initialize that is refused', async () => {
    const before = app.sessions.all().length;
    const refused = await initialize(endpoint, { accept: 'application/json' });
    expect(refused.status).toBe(406);
    expect(refused.headers.get('mcp-session-id')).toBeNull();
    expect(app.sessions.all()).toHaveLength(before);
  });

  it('refuse a revision of the protocol that is none (2025-11-25, "Protocol Version Header")', async () => {
    const session = await beginSession(endpoint);
    const answer = await rpc(
      endpoint,
      'legacy',
      'tools/list',
      {},
      {
        headers: { ...session.headers, 'mcp-protocol-version': '1999-01-01' },
      },
    );
    expect(answer.status).toBe(400);
  });

  it('are optional: requests without one are served alone', async () => {
    const answer = await rpc(endpoint, 'legacy', 'tools/list');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
  });

  describe('of the 2026 era there are none', () => {
    it('and an id is neither looked up nor answered (2026-07-28, Transports)', async () => {
      const answer = await rpc(
        endpoint,
        'modern',
        'tools/list',
        {},
        {
          headers: UNKNOWN,
        },
      );
      expect(answer.status).toBe(200);
      expect(answer.response?.result).toHaveProperty('tools');
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    });

    it('also for one that exists', async () => {
      const session = await beginSession(endpoint);
      const answer = await rpc(
        endpoint,
        'modern',
        'tools/call',
        {
          name: 'who',
          arguments: {},
        },
        { headers: session.headers },
      );
      expect(answer.text).not.toContain(session.id);
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    });

    it('so that initialize of that revision begins none', async () => {
      const before = app.sessions.all().length;
      const answer = await rpc(endpoint, 'modern', 'initialize', {
        protocolVersion: MODERN_VERSION,
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      });
      expect(answer.headers.get('mcp-session-id')).toBeNull();
      expect(app.sessions.all()).toHaveLength(before);
    });
  });

  describe('their GET stream', () => {
    it.each(['GET', 'DELETE'])(
      'is not there without a session: %s gives 405 (MCP 2025-11-25, Transports, "Listening for Messages from the Server")',
      async (method) => {
        const answer = await fetch(endpoint, {
          method,
          headers: { accept: 'text/event-stream' },
        });
        expect(answer.status).toBe(405);
      },
    );

    it('is told of at once, as an event stream (MCP 2025-11-25, Transports, "Listening for Messages from the Server")', async () => {
      const session = await beginSession(endpoint);
      const started = Date.now();
      const opened = await listenTo(endpoint, session.headers);
      expect(Date.now() - started).toBeLessThan(5000);
      expect(opened.status()).toBe(200);
      expect(opened.header('content-type')).toBe('text/event-stream');
      expect(opened.header('mcp-session-id')).toBe(session.id);
      opened.abandon();
    });

    it('has to be accepted: 406 (2025-11-25, "Listening for Messages")', async () => {
      const session = await beginSession(endpoint);
      const answer = await fetch(endpoint, {
        headers: { ...session.headers, accept: 'application/json' },
      });
      expect(answer.status).toBe(406);
    });

    it('is one: a second is answered 409, until the first has gone', async () => {
      const session = await beginSession(endpoint);
      const first = await listenTo(endpoint, session.headers);
      const second = await listenTo(endpoint, session.headers);
      expect(second.status()).toBe(409);
      first.abandon();
      let third = second;
      await until(async () => {
        third = await listenTo(endpoint, session.headers);
        return third.status() !== 409;
      });
      expect(third.status()).toBe(200);
      third.abandon();
    });

    it('carries what belongs to no call, and no answers (MCP 2025-11-25, Transports, "Listening for Messages from the Server")', async () => {
      const session = await beginSession(endpoint);
      const opened = await listenTo(endpoint, session.headers);
      await callTool(
        endpoint,
        'who',
        {},
        { era: 'legacy', headers: session.headers },
      );
      const [own] = app.sessions.all().filter(({ id }) => id === session.id);
      await own?.server.notification({
        method: 'notifications/tools/list_changed',
      });
      await until(() => opened.messages().length > 0);
      expect(opened.messages()).toEqual([
        { jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
      ]);
      opened.abandon();
    });
  });

  describe('their calls', () => {
    it('go on when the client disconnects (MCP 2025-11-25, Transports, "Sending Messages to the Server")', async () => {
      const session = await beginSession(endpoint);
      const call = callStream(endpoint, session, 'wait', { gate: 'left' });
      await until(() => app.gates.started.includes('left'));
      call.abandon();
      await call.ended;
      await sleep(50);
      app.gates.open('left');
      await until(() => app.gates.ended.includes('left'));
    });

    it('end when they are cancelled, and their stream with them (MCP 2025-11-25, Transports, "Sending Messages to the Server")', async () => {
      const session = await beginSession(endpoint);
      const call = callStream(
        endpoint,
        session,
        'wait',
        { gate: 'cancelled' },
        7,
      );
      await until(() => app.gates.started.includes('cancelled'));
      const cancel = stream(endpoint, 'POST', session.headers, {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: 7 },
      });
      await until(() => cancel.status() === 202);
      await call.ended;
      expect(call.messages()).toEqual([
        expect.objectContaining({
          id: 7,
          error: expect.objectContaining({ code: -32800 }) as unknown,
        }),
      ]);
      await until(() => app.gates.ended.includes('cancelled given up'));
      expect(app.sessions.runningCalls).toBe(0);
    });

    it('of one client are not cancelled by another (MCP, Security Best Practices, "Session Hijacking")', async () => {
      const [one, other] = [
        await beginSession(endpoint),
        await beginSession(endpoint),
      ];
      const call = callStream(endpoint, one, 'wait', { gate: 'kept' }, 8);
      await until(() => app.gates.started.includes('kept'));
      const cancel = stream(endpoint, 'POST', other.headers, {
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: 8 },
      });
      await until(() => cancel.status() === 202);
      app.gates.open('kept');
      await call.ended;
      expect(call.messages().at(-1)).toMatchObject({ id: 8, result: {} });
    });
  });
});

describe('without sessions', () => {
  it('initialize gives no id, and an id is of no account', async () => {
    const app = await bootSessions('express', { legacy: { sessions: false } });
    const answer = await initialize(app.endpoint, UNKNOWN);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect(
      (await probe(app.endpoint, UNKNOWN)).map(([, status]) => status),
    ).toEqual([200, 405, 405]);
    await app.close();
  });
});

describe('where a session is required', () => {
  let app: SessionApp;
  beforeAll(async () => {
    app = await bootSessions('fastify', {
      legacy: { sessions: { required: true } },
    });
  });
  afterAll(() => app?.close());

  it('requests without one are answered 400, initialize apart (MCP 2025-11-25, Transports, "Session Management")', async () => {
    for (const method of ['tools/list', 'ping', 'no/such']) {
      const answer = await rpc(app.endpoint, 'legacy', method);
      expect(answer.status).toBe(400);
      expect(answer.messages[0]?.error?.code).toBe(-32000);
    }
    const session = await beginSession(app.endpoint);
    const answer = await rpc(
      app.endpoint,
      'legacy',
      'tools/list',
      {},
      {
        headers: session.headers,
      },
    );
    expect(answer.status).toBe(200);
  });

  it('the 2026 era has none still', async () => {
    const answer = await rpc(app.endpoint, 'modern', 'tools/list');
    expect(answer.status).toBe(200);
  });
});

describe('the limits of sessions', () => {
  afterEach(releaseTime);

  it('hold for one caller: the own that is idle for longest ends', async () => {
    const app = await bootSessions('express', {
      legacy: { sessions: { maxPerUser: 2 } },
    });
    const [first, second] = [
      await beginSession(app.endpoint),
      await beginSession(app.endpoint),
    ];
    await rpc(
      app.endpoint,
      'legacy',
      'tools/list',
      {},
      { headers: first.headers },
    );
    const third = await beginSession(app.endpoint);
    const statusOf = async ({ headers }: { headers: Record<string, string> }) =>
      (await rpc(app.endpoint, 'legacy', 'ping', {}, { headers })).status;
    expect(await statusOf(second)).toBe(404);
    expect(await statusOf(first)).toBe(200);
    expect(await statusOf(third)).toBe(200);
    await app.close();
  });

  it.each([
    ['caller', { maxPerUser: 2 }, 429],
    ['server', { max: 2 }, 503],
  ])(
    'refuse a new one, where all of the %s are in use',
    async (_, sessions, status) => {
      const app = await bootSessions('fastify', { legacy: { sessions } });
      const opened = await Promise.all(
        [1, 2].map(async () => {
          const { headers } = await beginSession(app.endpoint);
          return listenTo(app.endpoint, headers);
        }),
      );
      const refused = await initialize(app.endpoint);
      expect(refused.status).toBe(status);
      expect(refused.headers.get('retry-after')).toBe('30');
      expect(refused.messages[0]?.error?.code).toBe(-32000);
      opened[0]?.abandon();
      await until(() => app.sessions.all().some(({ isBusy }) => !isBusy));
      expect((await initialize(app.endpoint)).status).toBe(200);
      expect(app.sessions.all()).toHaveLength(2);
      opened[1]?.abandon();
      await app.close();
    },
  );

  it('end what is idle: 200 abandoned sessions leave nothing', async () => {
    makeTimeMovable();
    const app = await bootSessions('express', {
      limits: { timeout: 10 * MINUTE },
      legacy: { sessions: { idleTimeout: MINUTE, maxPerUser: 1000 } },
    });
    const begun = await Promise.all(
      Array.from({ length: 200 }, () => beginSession(app.endpoint)),
    );
    expect(new Set(begun.map(({ id }) => id)).size).toBe(200);
    const [busy, streaming] = [begun.at(-1)!, begun.at(-2)!];
    const call = callStream(app.endpoint, busy, 'wait', { gate: 'slow' });
    const opened = await listenTo(app.endpoint, streaming.headers);
    await until(() => app.gates.started.includes('slow'));
    await passTime(2 * MINUTE);
    expect(
      app.sessions
        .all()
        .map(({ id }) => id)
        .sort(),
    ).toEqual([busy.id, streaming.id].sort());
    expect(await probe(app.endpoint, begun[7]!.headers)).toEqual(NOT_FOUND);
    call.abandon();
    await call.ended;
    await passTime(2 * MINUTE);
    // Its call runs on, though nobody waits.
    expect(app.sessions.all()).toHaveLength(2);
    app.gates.open('slow');
    opened.abandon();
    await until(() => app.sessions.all().every(({ isBusy }) => !isBusy));
    await passTime(2 * MINUTE);
    expect(app.sessions.all()).toEqual([]);
    await app.close();
  });
});

describe('options of sessions', () => {
  beforeAll(() => Logger.overrideLogger(false));
  it.each([
    [
      { idleTimeout: 0 },
      'sessions.idleTimeout is 0. Write a whole number from 1',
    ],
    [{ idleTimeout: 2 ** 31 }, 'sessions.idleTimeout is 2147483648'],
    [{ max: 1.5 }, 'sessions.max is 1.5'],
    [{ maxPerUser: -1 }, 'sessions.maxPerUser is -1'],
    [{ retryInterval: NaN }, 'sessions.retryInterval is NaN'],
    [{ required: 'yes' }, 'sessions.required is "yes". Write true or false'],
    [
      { idle: 5 },
      'sessions: { idle } } }): idle is no option. There are idleTimeout',
    ],
    ['on', 'sessions is "on". Write true, false or an object'],
    [null, 'sessions is null. Write true, false or an object'],
  ])('are checked at start-up: %j', async (sessions, message) => {
    await expect(
      bootSessions('express', { legacy: { sessions: sessions as never } }),
    ).rejects.toThrow(message);
  });
});
