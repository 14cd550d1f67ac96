import { Injectable } from '@nestjs/common';
import { connect, type Socket } from 'node:net';
import type { Server, ServerResponse } from 'node:http';
import { McpContext, McpResource, McpTool } from '../lib/index.js';
import { ADAPTERS } from './support/adapters.js';
import {
  type Era,
  rpcBody,
  rpcHeaders,
  type RpcMessage,
} from './support/json-rpc.js';
import { bootSessions, type SessionApp } from './support/sessions-app.js';
import {
  beginSession,
  listenTo,
  type RawSession,
  stream,
} from './support/sessions.js';
import { until } from './support/until.js';
import { ServerEvents } from '../lib/transport/events/server-events.js';

const LIMIT = 64 * 1024;
const KB = 'x'.repeat(1000);

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
      },
    },
  })
  async talk(
    {
      kilobytes,
      waits,
      turns,
    }: { kilobytes: number; waits?: boolean; turns?: boolean },
    context: McpContext,
  ): Promise<unknown> {
    for (let sent = 0; sent < kilobytes; sent += 1) {
      const logged = context.log.info(`${sent} ${KB}`);
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

  @McpResource({ uri: 'thing://one' })
  one(): string {
    return 'one';
  }

  @McpResource({ uri: 'thing://two' })
  two(): string {
    return 'two';
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

  lastEventId(): string {
    return [...this.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
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
        maxUnreadBytes: LIMIT,
        maxSubscriptions: 50,
        sse: true,
        sessions: { retryInterval: 10 },
      },
      [Talkers],
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
      await until(() => reader.received.includes('"kilobytes"'), 10_000);
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
      await until(() => talked.count > 10, 10_000);
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
    await until(() => reader.received.includes('"times"'), 10_000);
    expect(reader.messages().length).toBeLessThan(200);
  });

  it('have their stream ended in a session, and resume without loss (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const session = await beginSession(endpoint);
    // More than sockets hold: some 4 MB on loopback, so that a rest must wait.
    const reader = await call(
      'legacy',
      'talk',
      { kilobytes: 9000, turns: true },
      {},
      session.headers,
    );
    let most = 0;
    await until(() => {
      most = Math.max(most, mostWaiting());
      return talked.count === 9000;
    }, 20_000);
    expect(most).toBeLessThan(ROOM);
    reader.resume();
    await until(() => reader.received.endsWith('0\r\n\r\n'), 10_000);
    expect(reader.received).not.toContain('"kilobytes"');
  });

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
    await until(() => talked.count === 200, 10_000);
    await until(() => app.sessions.runningCalls === 0, 5000);
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
    await until(
      () => updates().length >= 2 && old.messages().length >= 1,
      5000,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(updates().length).toBeLessThan(10);
    expect(old.messages().length).toBeLessThan(10);
    old.abandon();
  });

  it('end their session on a stream of 2024-11-05, and have log messages left out before', async () => {
    const reader = await paused(`${app.url}/sse`, 'GET', {
      accept: 'text/event-stream',
    });
    await until(() => app.sessions.all().length > 0);
    reader.resume();
    await until(() => reader.received.includes('sessionId='), 5000);
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
    await until(() => reader.received.includes('"kilobytes"'), 10_000);
  });
});
