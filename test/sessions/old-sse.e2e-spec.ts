import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { ADAPTERS } from '../support/adapters.js';
import { createIssuer, now, type TestIssuer } from '../support/auth-issuer.js';
import { rpc, rpcBody } from '../support/json-rpc.js';
import { bootSessions, type SessionApp } from '../support/sessions-app.js';
import {
  beginSession,
  listenTo,
  NOT_FOUND,
  probe,
  type SessionStream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

const JSON_TYPE = { 'content-type': 'application/json' };

/** Opens the stream, and waits for the event that tells where to post. */
async function openSse(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ stream: SessionStream; target: string }> {
  const stream = await listenTo(`${url}/sse`, headers);
  await until(() => stream.events().length > 0 || stream.status() !== 200);
  const { event, data = '' } = stream.events()[0] ?? {};
  expect(event).toBe('endpoint');
  return { stream, target: new URL(data, url).href };
}

const postTo = async (
  target: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<number> => {
  const response = await fetch(target, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  });
  await response.text();
  return response.status;
};

const PING = rpcBody('legacy', 'ping', {}, { id: 'p' });

describe.each(ADAPTERS)('HTTP+SSE of 2024-11-05 on %s', (adapter) => {
  let app: SessionApp;
  beforeAll(async () => {
    app = await bootSessions(adapter, { legacy: { sse: true } });
  });
  afterAll(() => app?.close());

  it('serves the v1 client: calls, progress, questions (2024-11-05, Transports)', async () => {
    const client = new Client(
      { name: 'old', version: '1.0.0' },
      { capabilities: { elicitation: {} } },
    );
    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { name: 'Ada' },
    }));
    await client.connect(new SSEClientTransport(new URL(`${app.url}/sse`)));
    expect((await client.listTools()).tools.length).toBeGreaterThan(3);
    const gate = `old ${adapter}`;
    const progress: unknown[] = [];
    const waiting = client.callTool(
      { name: 'wait', arguments: { gate } },
      undefined,
      { onprogress: (report) => progress.push(report) },
    );
    await until(() => progress.length === 1);
    app.gates.open(gate);
    expect(JSON.stringify(await waiting)).toContain(gate);
    const asked = await client.callTool({ name: 'ask', arguments: {} });
    expect(JSON.stringify(asked)).toContain('Ada');
    await client.close();
    await until(() => app.sessions.all().length === 0);
  });

  it('answers 202, and on the stream; the stream is the session', async () => {
    const { stream, target } = await openSse(app.url);
    expect(target).toMatch(/\/messages\?sessionId=[0-9a-f-]{36}$/);
    expect(stream.header('content-type')).toBe('text/event-stream');
    expect(await postTo(target, PING)).toBe(202);
    await until(() => stream.events().length === 2);
    expect(JSON.parse(stream.events()[1]?.data ?? '')).toEqual({
      jsonrpc: '2.0',
      id: 'p',
      result: {},
    });
    stream.abandon();
    await until(() => app.sessions.all().length === 0);
    expect(await postTo(target, PING)).toBe(404);
  });

  it('takes messages alone, by POST, and streams by GET', async () => {
    const { stream, target } = await openSse(app.url);
    expect(await postTo(target, { hello: 1 })).toBe(400);
    expect(await postTo(target, [PING])).toBe(400);
    expect(await postTo(`${app.url}/messages`, PING)).toBe(404);
    expect((await fetch(target)).status).toBe(405);
    expect(await postTo(`${app.url}/sse`, PING)).toBe(405);
    stream.abandon();
  });

  it('is guarded against other hosts and origins, on both paths (MCP, Transports, "Security Warning")', async () => {
    const origin = 'https://evil.example.com';
    const { stream, target } = await openSse(app.url);
    expect(await postTo(target, PING, { origin })).toBe(403);
    const refused = await fetch(`${app.url}/sse`, { headers: { origin } });
    expect(refused.status).toBe(403);
    stream.abandon();
  });

  it('shares no sessions with Streamable HTTP', async () => {
    const { stream, target } = await openSse(app.url);
    const id = new URL(target).searchParams.get('sessionId') ?? '';
    expect(await probe(app.endpoint, { 'mcp-session-id': id })).toEqual(
      NOT_FOUND,
    );
    const session = await beginSession(app.endpoint);
    expect(
      await postTo(`${app.url}/messages?sessionId=${session.id}`, PING),
    ).toBe(404);
    stream.abandon();
  });

  it('leaves Streamable HTTP as it is', async () => {
    for (const era of ['modern', 'legacy'] as const) {
      const answer = await rpc(app.endpoint, era, 'tools/list');
      expect(answer.response?.result).toHaveProperty('tools');
    }
  });
});

describe.each(ADAPTERS)('HTTP+SSE with tokens on %s', (adapter) => {
  let app: SessionApp;
  let issuer: TestIssuer;
  beforeAll(async () => {
    issuer = await createIssuer();
    app = await bootSessions(adapter, {
      auth: { verifier: issuer.verifier },
      legacy: {
        sessions: { maxPerUser: 1 },
        sse: { path: '/old/stream', messagesPath: '/old/post' },
      },
    });
  });
  afterAll(() => app?.close());

  const open = async (headers: Record<string, string>) => {
    const stream = await listenTo(`${app.url}/old/stream`, headers);
    await until(() => stream.events().length > 0);
    const target = new URL(stream.events()[0]?.data ?? '', app.url).href;
    return { stream, target };
  };

  it('binds a stream to its owner: 404 for everybody else (MCP, Security Best Practices, "Session Hijacking")', async () => {
    const ada = await issuer.bearer({ sub: 'ada' });
    const { stream, target } = await open(ada);
    expect(target).toContain('/old/post?sessionId=');
    expect(await postTo(target, PING, ada)).toBe(202);
    expect(
      await postTo(target, PING, await issuer.bearer({ sub: 'eve' })),
    ).toBe(404);
    expect(
      await postTo(target, PING, await issuer.bearer({ client_id: 'x' })),
    ).toBe(404);
    expect(await postTo(target, PING)).toBe(404);
    expect(await postTo(target, PING, { authorization: 'Bearer no' })).toBe(
      401,
    );
    stream.abandon();
    await until(() => app.sessions.all().length === 0);
  });

  it('counts streams as sessions', async () => {
    const ada = await issuer.bearer({ sub: 'ada' });
    const { stream } = await open(ada);
    const second = await listenTo(`${app.url}/old/stream`, ada);
    expect(second.status()).toBe(429);
    stream.abandon();
    await until(() => app.sessions.all().length === 0);
  });

  it('ends a stream with its token', async () => {
    const brief = await issuer.bearer({ exp: now() + 2 });
    const { stream } = await open(brief);
    await stream.ended;
    expect(stream.isComplete()).toBe(true);
    await until(() => app.sessions.all().length === 0);
  });

  it('ends its streams with the application', async () => {
    const closing = await bootSessions(adapter, { legacy: { sse: true } });
    const { stream } = await openSse(closing.url);
    await closing.close();
    await stream.ended;
    expect(stream.isComplete()).toBe(true);
  });

  it('is not there unless it is asked for', async () => {
    const without = await bootSessions(adapter);
    expect((await fetch(`${without.url}/sse`)).status).toBe(404);
    await without.close();
  });
});

describe('options of HTTP+SSE', () => {
  it('follow the global prefix', async () => {
    const app = await bootSessions('express', { legacy: { sse: true } }, [], {
      configure: (nest) => void nest.setGlobalPrefix('api'),
    });
    const stream = await listenTo(`${app.url}/api/sse`, {});
    await until(() => stream.events().length > 0);
    expect(stream.events()[0]?.data).toMatch(/^\/api\/messages\?sessionId=/);
    stream.abandon();
    await app.close();
  });

  it.each([
    [{ sse: 'yes' }, 'sse is "yes". Write true, false or an object'],
    [{ sse: { path: 'sse' } }, 'sse.path is "sse". Write a fixed path'],
    [{ sse: { messagesPath: '/:x' } }, 'sse.messagesPath is "/:x"'],
    [
      { sse: { url: '/x' } },
      'sse: { url } } }): url is no option. There are path',
    ],
    [{ sse: { path: '/mcp' } }, 'Give each a path of its own'],
    [{ sse: { path: '/a', messagesPath: '/A' } }, 'Give each a path'],
    [{ sse: true, sessions: false }, 'sse needs sessions'],
  ])('are checked at start-up: %j', async (options, message) => {
    await expect(
      bootSessions('express', { legacy: options as never }),
    ).rejects.toThrow(message);
  });
});
