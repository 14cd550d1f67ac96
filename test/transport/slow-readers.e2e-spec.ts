import { Injectable } from '@nestjs/common';
import { connect, type Socket } from 'node:net';
import type { Server, ServerResponse } from 'node:http';
import {
  EventStore,
  McpContext,
  McpResource,
  McpTool,
  MemoryEventStore,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import {
  type Era,
  rpcBody,
  rpcHeaders,
  type RpcMessage,
} from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  listenTo,
  type RawSession,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';
import { ServerEvents } from '../../lib/transport/list-changes/server-events.js';

const LIMIT = 64 * 1024;
const KB = 'x'.repeat(1000);
const LARGE = KB.repeat(16);

@Injectable()
class Talkers {
  /** Logs so many kilobytes, and waits for room where it is told to. */
  @McpTool({
    name: 'talk',
    inputSchema: {
      type: 'object',
      properties: {
        kilobytes: { type: 'integer' },
        waits: { type: 'boolean' },
        turns: { type: 'boolean' },
        large: { type: 'boolean' },
      },
    },
  })
  async talk(
    {
      kilobytes,
      waits,
      turns,
      large,
    }: {
      kilobytes: number;
      waits?: boolean;
      turns?: boolean;
      large?: boolean;
    },
    context: McpContext,
  ): Promise<unknown> {
    for (let sent = 0; sent < kilobytes; sent += 1) {
      const logged = context.log.info(`${sent} ${large ? LARGE : KB}`);
      if (waits) await logged;
      if (turns) await new Promise((resolve) => setImmediate(resolve));
      talked.count = sent + 1;
    }
    return { kilobytes };
  }

  /** Reports so many times. */
  @McpTool({
    name: 'report',
    inputSchema: { type: 'object', properties: { times: { type: 'integer' } } },
  })
  async report(
    { times }: { times: number },
    context: McpContext,
  ): Promise<unknown> {
    for (let done = 1; done <= times; done += 1) {
      void context.reportProgress(done, times, KB.slice(0, 500));
    }
    return { times };
  }

  /** Answers with so many kilobytes. */
  @McpTool({
    name: 'answer',
    inputSchema: {
      type: 'object',
      properties: { kilobytes: { type: 'integer' } },
    },
  })
  answer({ kilobytes }: { kilobytes: number }): string {
    return KB.repeat(kilobytes);
  }

  @McpResource({ uri: 'thing://one' })
  one(): string {
    return 'one';
  }

  @McpResource({ uri: 'thing://two' })
  two(): string {
    return 'two';
  }

  @McpResource({ uri: 'long://{id}' })
  long(): string {
    return 'long';
  }
}

const talked = { count: 0 };

/** A connection whose response is read only when the test says so. */
class Reader {
  private text = '';
  isClosed = false;

  constructor(private readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    socket.on('close', () => (this.isClosed = true));
    socket.on('error', () => undefined);
  }

  /** Sends a request, and reads nothing. */
  static async ofPaused(
    url: string,
    method: string,
    headers: Readonly<Record<string, string>>,
    body?: unknown,
  ): Promise<Reader> {
    const { hostname, port, pathname } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) });
    const reader = new Reader(socket);
    socket.pause();
    const content = body === undefined ? '' : JSON.stringify(body);
    const lines = Object.entries({
      host: `${hostname}:${port}`,
      ...headers,
      ...(body !== undefined && {
        'content-length': String(Buffer.byteLength(content)),
      }),
    }).map(([name, value]) => `${name}: ${value}`);
    socket.write(
      `${method} ${pathname} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${content}`,
    );
    await new Promise((resolve) => socket.once('connect', resolve));
    return reader;
  }

  resume(): void {
    this.socket.resume();
  }

  pause(): void {
    this.socket.pause();
  }

  get received(): string {
    return this.text;
  }

  /** The messages received so far, whole ones. */
  messages(): { method?: string; id?: unknown; params?: { data?: string } }[] {
    return [...this.text.matchAll(/^data: (\{.*\})$/gm)].map(
      ([, json]) => JSON.parse(json as string) as object,
    );
  }

  /** That of the last message which is here as a whole. */
  lastEventId(): string {
    const whole = /^id: (.+)\ndata: \{.*\}\n\n/gm;
    return [...this.text.matchAll(whole)].at(-1)?.[1] ?? '';
  }

  /** Whether the response has come to its end, or the connection to its own. */
  get isOver(): boolean {
    return this.isClosed || this.text.endsWith('0\r\n\r\n');
  }

  leave(): void {
    this.socket.destroy();
  }
}

describe.each(ADAPTERS)('clients that do not read on %s', (adapter) => {
  let app: SessionApp;
  let endpoint: string;
  const responses = new Set<ServerResponse>();
  const readers: Reader[] = [];

  beforeAll(async () => {
    app = await bootSessions(
      adapter,
      {
        limits: { maxUnreadBytes: LIMIT, maxSubscriptions: 50 },
        legacy: { sessions: { retryInterval: 10 }, sse: true },
      },
      [
        Talkers,
        {
          provide: EventStore,
          useValue: new MemoryEventStore({
            maxEvents: 20_000,
            maxBytes: 32_000_000,
          }),
        },
      ],
      { nest: { forceCloseConnections: true } },
    );
    endpoint = app.endpoint;
    (app.app.getHttpServer() as Server).on(
      'request',
      (_request, response: ServerResponse) => responses.add(response),
    );
  });
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.leave();
    responses.clear();
    talked.count = 0;
  });
  afterAll(() => app?.close());

  const paused = async (
    ...request: Parameters<typeof Reader.ofPaused>
  ): Promise<Reader> => {
    const reader = await Reader.ofPaused(...request);
    readers.push(reader);
    return reader;
  };
  /** The most that has waited on one response since it was last asked. */
  const mostWaiting = (): number =>
    Math.max(0, ...[...responses].map(({ writableLength }) => writableLength));
  const call = (
    era: Era,
    name: string,
    args: Readonly<Record<string, unknown>>,
    meta: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Reader> => {
    const params = { name, arguments: args };
    return paused(
      endpoint,
      'POST',
      { ...rpcHeaders(era, 'tools/call', params), ...headers },
      rpcBody(era, 'tools/call', params, { meta }),
    );
  };
  const LOGS = { 'io.modelcontextprotocol/logLevel': 'debug' };
  /** What comes after an event, part by part, up to a message. */
  const rest = async (
    { headers }: RawSession,
    after: string,
    isLast: (message: RpcMessage) => boolean,
  ): Promise<RpcMessage[]> => {
    const messages: RpcMessage[] = [];
    let position = after;
    while (!messages.some(isLast)) {
      const part = await listenTo(endpoint, {
        ...headers,
        'last-event-id': position,
      });
      expect(part.status()).toBe(200);
      await Promise.race([
        part.ended,
        until(() => part.messages().some(isLast)),
      ]);
      messages.push(...part.messages());
      position = part.events().at(-1)?.id ?? position;
      part.abandon();
    }
    return messages;
  };
  const numbersOf = (
    messages: readonly { method?: string; params?: object }[],
  ): number[] =>
    messages
      .filter(({ method }) => method === 'notifications/message')
      .map(({ params }) => parseInt((params as { data: string }).data));
  const upTo = (count: number): number[] =>
    Array.from({ length: count }, (_, index) => index);
  /** Messages, the socket's own buffers and headers aside. */
  const ROOM = LIMIT + 8 * 1024;

  it.each(['modern', 'legacy'] as const)(
    'have what a call logs left out beyond the limit, and the answer still: %s, without a session',
    async (era) => {
      const reader = await call(
        era,
        'talk',
        { kilobytes: 20_000, turns: false },
        LOGS,
      );
      await until(() => talked.count === 20_000, 20_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(mostWaiting()).toBeLessThan(ROOM);
      reader.resume();
      await until(() => reader.received.includes('"kilobytes"'));
      expect(reader.messages().length).toBeGreaterThan(10);
      expect(reader.messages().length).toBeLessThan(15_000);
    },
  );

  it.each(['modern', 'legacy'] as const)(
    'hold up a call that waits for them, and get all of it: %s',
    async (era) => {
      const reader = await call(
        era,
        'talk',
        { kilobytes: 12_000, waits: true },
        LOGS,
      );
      await until(() => talked.count > 10);
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(talked.count).toBeLessThan(12_000);
      expect(mostWaiting()).toBeLessThan(ROOM);
      reader.resume();
      await until(() => reader.received.includes('"kilobytes"'), 20_000);
      expect(
        reader
          .messages()
          .filter(({ method }) => method === 'notifications/message'),
      ).toHaveLength(12_000);
    },
  );

  it('get the latest progress, and not all of it', async () => {
    const reader = await call(
      'modern',
      'report',
      { times: 50_000 },
      {
        progressToken: 1,
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(mostWaiting()).toBeLessThan(ROOM);
    reader.resume();
    await until(() => reader.received.includes('"times"'));
    expect(reader.messages().length).toBeLessThan(200);
  });

  it('have their stream ended in a session, and resume without loss (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await beginSession(endpoint);
    // More than sockets hold: some 4 MB on loopback, so that a rest must wait.
    const reader = await call(
      'legacy',
      'talk',
      { kilobytes: 600, turns: true, large: true },
      {},
      session.headers,
    );
    let most = 0;
    await until(() => {
      most = Math.max(most, mostWaiting());
      return talked.count === 600;
    }, 20_000);
    expect(most).toBeLessThan(ROOM + LARGE.length);
    await until(() => app.sessions.runningCalls === 0);
    reader.resume();
    await until(() => reader.isOver);
    expect(reader.received).not.toContain('"kilobytes"');
    const messages = [
      ...reader.messages(),
      ...(await rest(session, reader.lastEventId(), ({ result }) => !!result)),
    ];
    expect(numbersOf(messages)).toEqual(upTo(600));
    expect(messages.at(-1)).toHaveProperty('result');
  }, 60_000);

  it('have the stream for what belongs to no call ended, and resume without loss', async () => {
    const session = await beginSession(endpoint);
    const reader = await paused(endpoint, 'GET', {
      ...rpcHeaders('legacy', 'ping', {}),
      ...session.headers,
    });
    await until(() => responses.size >= 2);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const server = app.sessions
      .all()
      .find(({ id }) => id === session.id)?.server;
    let most = 0;
    for (let sent = 0; sent < 600; sent += 1) {
      await server?.notification({
        method: 'notifications/message',
        params: { level: 'info', data: `${sent} ${LARGE}` },
      });
      most = Math.max(most, mostWaiting());
    }
    expect(most).toBeLessThan(ROOM + LARGE.length);
    reader.resume();
    await until(() => reader.isOver);
    const messages = [
      ...reader.messages(),
      ...(await rest(session, reader.lastEventId(), ({ params }) =>
        String(params?.['data']).startsWith('599 '),
      )),
    ];
    expect(numbersOf(messages)).toEqual(upTo(600));
  }, 60_000);

  it('resume in parts no larger than the limit, until they have all', async () => {
    const session = await beginSession(endpoint);
    const opened = stream(
      endpoint,
      'POST',
      session.headers,
      rpcBody('legacy', 'tools/call', {
        name: 'talk',
        arguments: { kilobytes: 200, waits: true },
      }),
    );
    await until(() => opened.events().length > 0);
    opened.abandon();
    await opened.ended;
    await until(() => talked.count === 200);
    await until(() => app.sessions.runningCalls === 0);
    let after = opened.events()[0]?.id ?? '';
    const messages: RpcMessage[] = [];
    let parts = 0;
    while (!messages.some(({ result }) => result !== undefined)) {
      const part = await listenTo(endpoint, {
        ...session.headers,
        'last-event-id': after,
      });
      await part.ended;
      expect(part.received().length).toBeLessThan(ROOM);
      messages.push(...part.messages());
      after = part.events().at(-1)?.id ?? after;
      parts += 1;
    }
    expect(parts).toBeGreaterThan(2);
    const told = messages.filter(
      ({ method }) => method === 'notifications/message',
    );
    expect(
      told.map(({ params }) => parseInt(String(params?.['data']))),
    ).toEqual(Array.from({ length: 200 }, (_, index) => index));
  }, 30_000);

  it('have the updates of a resource merged, on streams of both eras', async () => {
    const session: RawSession = await beginSession(endpoint);
    const subscribed = stream(
      endpoint,
      'POST',
      session.headers,
      rpcBody(
        'legacy',
        'resources/subscribe',
        { uri: 'thing://one' },
        { id: 2 },
      ),
    );
    await subscribed.ended;
    const old = await listenTo(endpoint, session.headers);
    const params = {
      notifications: {
        resourceSubscriptions: ['thing://one', 'thing://two'],
      },
    };
    const listening = await paused(
      endpoint,
      'POST',
      rpcHeaders('modern', 'subscriptions/listen', params),
      rpcBody('modern', 'subscriptions/listen', params),
    );
    await until(() => responses.size >= 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const events = app.app.get(ServerEvents, { strict: false });
    for (let count = 0; count < 60_000; count += 1) {
      events.publish({
        kind: 'resource_updated',
        uri: count % 2 ? 'thing://one' : 'thing://two',
      });
    }
    expect(mostWaiting()).toBeLessThan(ROOM);
    listening.resume();
    const updates = () =>
      listening
        .messages()
        .filter(({ method }) => method === 'notifications/resources/updated');
    await until(() => updates().length >= 2 && old.messages().length >= 1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(updates().length).toBeLessThan(10);
    expect(old.messages().length).toBeLessThan(10);
    old.abandon();
  });

  it('cost a bounded amount of memory, however many there are', async () => {
    const params = {
      notifications: { resourceSubscriptions: ['thing://one'] },
    };
    for (let count = 0; count < 20; count += 1) {
      await paused(
        endpoint,
        'POST',
        rpcHeaders('modern', 'subscriptions/listen', params),
        rpcBody('modern', 'subscriptions/listen', params),
      );
    }
    await until(() => responses.size >= 20);
    const used = (): number => {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    const before = used();
    let most = 0;
    const events = app.app.get(ServerEvents, { strict: false });
    for (let count = 0; count < 60_000; count += 1) {
      events.publish({ kind: 'resource_updated', uri: 'thing://one' });
      if (count % 1000 === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        most = Math.max(most, used());
      }
    }
    const waiting = [...responses].reduce(
      (sum, { writableLength }) => sum + writableLength,
      0,
    );
    expect(waiting).toBeLessThan(20 * ROOM);
    // Garbage included: what was held before a limit was 600 MB.
    expect(most - before).toBeLessThan(250e6);
  }, 60_000);

  it('have their session of 2024-11-05 ended by answers that pile up', async () => {
    const reader = await paused(`${app.url}/sse`, 'GET', {
      accept: 'text/event-stream',
    });
    reader.resume();
    await until(() => reader.received.includes('sessionId='));
    reader.pause();
    const [path] =
      /\/messages\?sessionId=[0-9a-f-]+/.exec(reader.received) ?? [];
    const send = (id: number) =>
      fetch(`${app.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          rpcBody(
            'legacy',
            'tools/call',
            { name: 'answer', arguments: { kilobytes: 900 } },
            { id },
          ),
        ),
      });
    const statuses: number[] = [];
    for (let id = 1; id <= 30 && statuses.at(-1) !== 404; id += 1) {
      statuses.push((await send(id)).status);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Some 4 MB are in sockets, one answer may wait, and the next ends it.
    expect(statuses.filter((status) => status === 202).length).toBeGreaterThan(
      2,
    );
    expect(statuses.at(-1)).toBe(404);
    expect(mostWaiting()).toBeLessThan(1_100_000);
    reader.resume();
    await until(() => reader.isOver, 15_000);
  }, 60_000);

  it('end their session on a stream of 2024-11-05, and have log messages left out before', async () => {
    const reader = await paused(`${app.url}/sse`, 'GET', {
      accept: 'text/event-stream',
    });
    await until(() => app.sessions.all().length > 0);
    reader.resume();
    await until(() => reader.received.includes('sessionId='));
    reader.pause();
    const [path] =
      /\/messages\?sessionId=[0-9a-f-]+/.exec(reader.received) ?? [];
    const target = `${app.url}${path}`;
    const send = (requestId: number, kilobytes: number) =>
      fetch(target, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(
          rpcBody(
            'legacy',
            'tools/call',
            { name: 'talk', arguments: { kilobytes } },
            { id: requestId },
          ),
        ),
      });
    expect((await send(1, 20_000)).status).toBe(202);
    await until(() => talked.count === 20_000, 20_000);
    expect(mostWaiting()).toBeLessThan(ROOM);
    reader.resume();
    await until(() => reader.received.includes('"kilobytes"'));
  });
});

describe.each(ADAPTERS)('a subscriptions/listen on %s', (adapter) => {
  it('holds back what its client does not take, updates of one URI as one, and goes on when it does', async () => {
    const uri = `long://${KB.repeat(6)}`;
    const params = { notifications: { resourceSubscriptions: [uri] } };
    const app = await bootSessions(
      adapter,
      // Less than one update has, so that nothing is told while one waits.
      { limits: { maxUnreadBytes: 1024 } },
      [Talkers],
      { nest: { forceCloseConnections: true } },
    );
    const listen = (): Promise<Reader> =>
      Reader.ofPaused(
        app.endpoint,
        'POST',
        rpcHeaders('modern', 'subscriptions/listen', params),
        rpcBody('modern', 'subscriptions/listen', params),
      );
    const readers: Reader[] = [];
    try {
      let response: ServerResponse | undefined;
      (app.app.getHttpServer() as Server).once(
        'request',
        (_request, opened: ServerResponse) => (response = opened),
      );
      const reader = await listen();
      readers.push(reader);
      await until(() => response?.headersSent === true);
      const events = app.app.get(ServerEvents, { strict: false });
      const publish = async (): Promise<void> => {
        events.publish({ kind: 'resource_updated', uri });
        await new Promise((resolve) => setTimeout(resolve, 1));
      };
      // Sockets hold some 4 MB on loopback, which are 700 updates.
      const published = 3000;
      let most = 0;
      for (let sent = 0; sent < published; sent += 1) {
        await publish();
        most = Math.max(most, response?.writableLength ?? 0);
      }
      expect(response?.writableEnded).toBe(false);
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThan(32 * 1024);
      const updates = (): number =>
        reader
          .messages()
          .filter(({ method }) => method === 'notifications/resources/updated')
          .length;
      reader.resume();
      await until(() => response?.writableLength === 0);
      const told = updates();
      expect(told).toBeLessThan(published);
      await publish();
      await until(() => updates() > told);
    } finally {
      for (const reader of readers) reader.leave();
      await app.close();
    }
  }, 60_000);
});
