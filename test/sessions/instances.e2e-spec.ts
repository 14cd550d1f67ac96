import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { type Instance, Instances, RoundRobin } from '../support/instances.js';
import { rpc } from '../support/json-rpc.js';
import {
  redisAvailable,
  type RedisServer,
  startRedis,
} from '../support/redis-server.js';
import { beginSession } from '../support/sessions.js';
import { until } from '../support/until.js';

// Each instance is a process.
jest.setTimeout(90_000);

/** A client of the 2025 era, and what it has heard unasked. */
interface Connected {
  readonly client: Client | V1Client;
  readonly transport: StreamableHTTPClientTransport | V1Transport;
  readonly logged: unknown[];
  readonly updated: string[];
}

const ADA = { authorization: 'Bearer ada' };
const EVE = { authorization: 'Bearer eve' };
const ANSWER = { action: 'accept' as const, content: { name: 'Ada' } };
const OPTIONS = {
  requestInit: { headers: ADA },
  reconnectionOptions: {
    initialReconnectionDelay: 50,
    maxReconnectionDelay: 100,
    reconnectionDelayGrowFactor: 1,
    maxRetries: 50,
  },
};

const CLIENTS: readonly (readonly [
  string,
  (endpoint: string) => Promise<Connected>,
])[] = [
  [
    'the v1 client',
    async (endpoint) => {
      const client = new V1Client(
        { name: 'v1', version: '1.0.0' },
        { capabilities: { elicitation: {} } },
      );
      const logged: unknown[] = [];
      const updated: string[] = [];
      client.setRequestHandler(ElicitRequestSchema, () => ANSWER);
      client.setNotificationHandler(
        LoggingMessageNotificationSchema,
        ({ params }) => void logged.push(params.data),
      );
      client.setNotificationHandler(
        ResourceUpdatedNotificationSchema,
        ({ params }) => void updated.push(params.uri),
      );
      const transport = new V1Transport(new URL(endpoint), OPTIONS);
      await client.connect(transport as never);
      return { client, transport, logged, updated };
    },
  ],
  [
    'the v2 client in legacy mode',
    async (endpoint) => {
      const client = new Client(
        { name: 'v2', version: '2.0.0' },
        {
          capabilities: { elicitation: {} },
          versionNegotiation: { mode: 'legacy' },
        },
      );
      const logged: unknown[] = [];
      const updated: string[] = [];
      client.setRequestHandler('elicitation/create', () => ANSWER);
      client.setNotificationHandler(
        'notifications/message',
        ({ params }) => void logged.push(params.data),
      );
      client.setNotificationHandler(
        'notifications/resources/updated',
        ({ params }) => void updated.push(params.uri),
      );
      const transport = new StreamableHTTPClientTransport(
        new URL(endpoint),
        OPTIONS,
      );
      await client.connect(transport);
      return { client, transport, logged, updated };
    },
  ],
];

/** Clients of the older line take a schema in between. */
const call = (
  { client }: Connected,
  name: string,
  options: {
    onprogress?: (progress: { progress: number }) => void;
    signal?: AbortSignal;
  } = {},
) =>
  client instanceof V1Client
    ? client.callTool({ name, arguments: {} }, undefined, options)
    : client.callTool({ name, arguments: {} }, options);

const where = async (connected: Connected) =>
  (await call(connected, 'where')).structuredContent as {
    pid: number;
    givenUp: number;
  };

const [suite, title] = redisAvailable()
  ? [describe, 'two processes that share Redis, behind a round robin']
  : [
      describe.skip,
      'two processes that share Redis, skipped: there is no redis-server (REDIS_SERVER names one)',
    ];

suite(title, () => {
  const instances = new Instances();
  let redis: RedisServer;
  let pair: [Instance, Instance];
  let proxy: RoundRobin;
  let endpoint: string;
  const open: Connected[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    pair = [
      await instances.start('express', redis.url),
      await instances.start('fastify', redis.url),
    ];
  });
  afterAll(async () => {
    await instances.close();
    await redis?.stop();
  });
  beforeEach(async () => {
    proxy = new RoundRobin(pair);
    endpoint = await proxy.listen();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map(({ client }) => client.close()));
    await proxy.close();
  });

  describe.each(CLIENTS)('serve %s', (_name, connect) => {
    const connected = async (): Promise<Connected> => {
      const one = await connect(endpoint);
      open.push(one);
      return one;
    };

    it('in one session: lists, calls, progress', async () => {
      const one = await connected();
      const pids = new Set<number>();
      for (let n = 0; n < 4; n++) {
        pids.add((await where(one)).pid);
        expect((await one.client.listTools()).tools).toHaveLength(6);
      }
      await until(() => proxy.opened === 1);
      pids.add((await where(one)).pid);
      pids.add((await where(one)).pid);
      expect(pids).toEqual(new Set(pair.map(({ pid }) => pid)));
      for (let n = 0; n < 2; n++) {
        const heard: number[] = [];
        const onprogress = (report: { progress: number }) =>
          void heard.push(report.progress);
        await call(one, 'work', { onprogress });
        expect(heard).toEqual([1, 2, 3]);
      }
    });

    it('by questions that are answered at the other instance', async () => {
      const one = await connected();
      const pids = new Set<unknown>();
      for (let n = 0; n < 3; n++) {
        const { structuredContent } = await call(one, 'ask');
        const { answer, pid } = structuredContent as Record<string, unknown>;
        expect(answer).toEqual(ANSWER);
        pids.add(pid);
        // One more, so that the next call is the other's.
        await where(one);
      }
      expect(pids.size).toBeGreaterThan(0);
    });

    it('by the log level that one of them was told', async () => {
      const one = await connected();
      await one.client.setLoggingLevel('error');
      await call(one, 'say');
      await call(one, 'say');
      await until(() => one.logged.length === 2);
      await sleep(50);
      expect(one.logged).toEqual(['large', 'large']);
      await one.client.setLoggingLevel('debug');
      await call(one, 'say');
      await call(one, 'say');
      await until(() => one.logged.length === 6);
    });

    it('by each update once, wherever it is subscribed to, published and listened to', async () => {
      const one = await connected();
      await until(() => proxy.opened === 1);
      await one.client.subscribeResource({ uri: 'stock://chairs' });
      for (let n = 1; n <= 4; n++) {
        await call(one, 'touch');
        await until(() => one.updated.length === n);
      }
      await sleep(100);
      expect(one.updated).toHaveLength(4);
      await one.client.unsubscribeResource({ uri: 'stock://chairs' });
      await call(one, 'touch');
      await call(one, 'touch');
      await sleep(200);
      expect(one.updated).toHaveLength(4);
    });

    it('by its stream, resumed at the other instance with what it has missed', async () => {
      const one = await connected();
      await until(() => proxy.opened === 1);
      await one.client.subscribeResource({ uri: 'stock://chairs' });
      await call(one, 'touch');
      await until(() => one.updated.length === 1);
      for (let round = 2; round <= 4; round++) {
        proxy.breakStreams();
        await call(one, 'touch');
        await until(() => proxy.opened === round);
        await until(() => one.updated.length >= round);
      }
      await sleep(100);
      expect(one.updated).toHaveLength(4);
    });

    it('by ending a call that is cancelled at the other instance', async () => {
      const one = await connected();
      const sum = async () => {
        const reports = [await where(one), await where(one)];
        expect(new Set(reports.map(({ pid }) => pid)).size).toBe(2);
        return reports.reduce((total, { givenUp }) => total + givenUp, 0);
      };
      await until(() => proxy.opened === 1);
      const before = await sum();
      const cancel = new AbortController();
      let isRunning = false;
      const called = call(one, 'endless', {
        signal: cancel.signal,
        onprogress: () => (isRunning = true),
      });
      await until(() => isRunning);
      cancel.abort();
      await expect(called).rejects.toThrow();
      let after = before;
      await until(async () => {
        after = await sum();
        return after !== before;
      });
      expect(after).toBe(before + 1);
    });

    it('until it ends its session, at both', async () => {
      const one = await connected();
      await until(() => proxy.opened === 1);
      const headers = {
        ...ADA,
        'mcp-session-id': one.transport.sessionId ?? '',
      };
      await where(one);
      await where(one);
      await one.transport.terminateSession();
      for (const { url } of pair) {
        const list = () =>
          rpc(`${url}/mcp`, 'legacy', 'tools/list', {}, { headers });
        let { status } = await list();
        // The other hears of it by the bus, soon.
        await until(async () => {
          if (status === 200) {
            ({ status } = await list());
          }
          return status !== 200;
        });
        expect(status).toBe(404);
      }
    });

    it('and nobody else', async () => {
      const one = await connected();
      const id = { 'mcp-session-id': one.transport.sessionId ?? '' };
      for (const { url } of [...pair, ...pair]) {
        const answer = await rpc(
          `${url}/mcp`,
          'legacy',
          'tools/list',
          {},
          {
            headers: { ...EVE, ...id },
          },
        );
        expect(answer.status).toBe(404);
        expect(answer.response?.error?.code).toBe(-32001);
      }
      await where(one);
    });

    it('on when one is killed, and when all have been started anew', async () => {
      const one = await connected();
      await one.client.setLoggingLevel('error');
      const [first, second] = pair;
      await first.kill();
      proxy.targets = [second];
      expect((await where(one)).pid).toBe(second.pid);
      const third = await instances.start('express', redis.url);
      await second.kill();
      proxy.targets = [third];
      expect((await where(one)).pid).toBe(third.pid);
      await call(one, 'say');
      expect((await call(one, 'ask')).structuredContent).toEqual({
        answer: ANSWER,
        pid: third.pid,
      });
      expect(one.logged).toEqual(['large']);
      pair = [third, await instances.start('fastify', redis.url)];
    });
  });
});

describe('two processes without a shared store', () => {
  const instances = new Instances();
  afterAll(() => instances.close());

  it('serve a session where it began alone', async () => {
    const here = await instances.start('express');
    const there = await instances.start('fastify');
    const session = await beginSession(`${here.url}/mcp`, ADA);
    const statuses = [];
    for (const { url } of [here, there, here]) {
      const answer = await rpc(
        `${url}/mcp`,
        'legacy',
        'tools/list',
        {},
        {
          headers: session.headers,
        },
      );
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([200, 404, 200]);
  });
});
