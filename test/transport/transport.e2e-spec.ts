import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Module,
} from '@nestjs/common';
import compression from 'compression';
import { McpModule } from '../../lib/index.js';
import { EchoModule } from '../fixtures/transport/application.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import {
  ERAS,
  LEGACY_VERSION,
  MODERN_VERSION,
  modernMeta,
  post,
  rpc,
  rpcBody,
  rpcHeaders,
} from '../support/json-rpc.js';
import { openStream } from '../support/open-stream.js';
import { until } from '../support/until.js';

@Module({ imports: [McpModule.forRoot({ name: 'echo' }), EchoModule] })
class App {}

/** Gives running calls little time at its end. */
@Module({
  imports: [
    McpModule.forRoot({ name: 'echo', limits: { drainTimeout: 300 } }),
    EchoModule,
  ],
})
class HastyApp {}

/** The application's own error format. */
@Catch()
class OwnFilter implements ExceptionFilter {
  catch(exception: unknown, host: ArgumentsHost): void {
    const status =
      exception instanceof HttpException ? exception.getStatus() : 500;
    host
      .switchToHttp()
      .getResponse<{ status(code: number): { send(body: unknown): void } }>()
      .status(status)
      .send({ own: 'format', status });
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };
const ACCEPT = { accept: 'application/json, text/event-stream' };
const tooLarge = JSON.stringify({
  ...rpcBody('modern', 'tools/call', { name: 'echo_echo' }),
  padding: 'x'.repeat(6 * 1024 * 1024),
});

describe.each(ADAPTERS)('the protocol on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;

  beforeAll(async () => {
    booted = await bootApp(App, adapter, {
      configure: (app) => void app.useGlobalFilters(new OwnFilter()),
    });
    endpoint = `${booted.url}/mcp`;
  });
  afterAll(() => booted?.close());

  describe('bodies', () => {
    it.each([
      ['malformed', '{"jsonrpc":', JSON_TYPE, 400, -32700],
      ['empty', '', JSON_TYPE, 400, undefined],
      ['too large', tooLarge, JSON_TYPE, 413, undefined],
      ['text', '{}', { 'content-type': 'text/plain' }, 415, undefined],
      [
        'a form',
        'jsonrpc=2.0&method=ping&id=1',
        { 'content-type': 'application/x-www-form-urlencoded' },
        415,
        undefined,
      ],
      ['of no type', '{}', { 'content-type': '' }, 415, undefined],
      ['no object', '"text"', JSON_TYPE, 400, undefined],
      ['no message', '{"hello":1}', JSON_TYPE, 400, undefined],
    ])(
      'that are %s come back as JSON-RPC errors',
      async (_, body, type, status, code) => {
        const answer = await post(endpoint, body, { ...ACCEPT, ...type });
        expect(answer.status).toBe(status);
        expect(answer.headers.get('content-type')).toContain(
          'application/json',
        );
        const [message] = answer.messages;
        expect(message?.jsonrpc).toBe('2.0');
        expect(message?.error?.code).toEqual(code ?? expect.any(Number));
        expect(message?.error?.message).toEqual(expect.any(String));
        expect(answer.text).not.toMatch(/own|node_modules|\.js:\d+/);
      },
    );

    it('that are malformed keep the errors of the application on other paths', async () => {
      for (const path of ['/echo', '/mcpx', '/mcp/below']) {
        const answer = await post(
          `${booted.url}${path}`,
          '{"text":',
          JSON_TYPE,
        );
        expect(answer.text).not.toContain('jsonrpc');
        expect(answer.text).not.toContain('-32700');
      }
      const own = await post(`${booted.url}/echo`, '{"text":', JSON_TYPE);
      expect(own.status).toBe(400);
      expect(JSON.parse(own.text)).toEqual({ own: 'format', status: 400 });
    });

    it('of a media type with a charset are read', async () => {
      const params = { name: 'echo_echo', arguments: { text: 'äöü 漢🙂' } };
      const answer = await rpc(endpoint, 'modern', 'tools/call', params, {
        headers: { 'content-type': 'application/json; charset=utf-8' },
      });
      expect(answer.response?.result?.['structuredContent']).toEqual({
        text: 'äöü 漢🙂',
      });
    });
  });

  describe('messages', () => {
    it.each(['GET', 'DELETE'])('%s is not served: 405', async (method) => {
      const answer = await fetch(endpoint, { method, headers: ACCEPT });
      expect(answer.status).toBe(405);
      expect(await answer.json()).toMatchObject({ jsonrpc: '2.0' });
    });

    it.each([
      ['modern', 404],
      ['legacy', 200],
    ] as const)('an unknown method is -32601 (%s)', async (era, status) => {
      const answer = await rpc(endpoint, era, 'no/such', {}, { id: 'abc' });
      expect(answer.status).toBe(status);
      expect(answer.response?.error?.code).toBe(-32601);
      expect(answer.response?.id).toBe('abc');
    });

    it.each(ERAS)('an unknown tool is -32602 (%s)', async (era) => {
      const answer = await rpc(endpoint, era, 'tools/call', {
        name: 'nothing',
        arguments: {},
      });
      expect(answer.status).toBe(200);
      expect(answer.response?.error?.code).toBe(-32602);
    });

    it.each(['toString', '__proto__', 'constructor', 'ECHO_ECHO'])(
      'the tool %s is unknown',
      async (name) => {
        const answer = await rpc(endpoint, 'modern', 'tools/call', {
          name,
          arguments: {},
        });
        expect(answer.response?.error?.code).toBe(-32602);
      },
    );

    it.each(ERAS)(
      'a notification is accepted without an answer (%s)',
      async (era) => {
        const method =
          era === 'modern'
            ? 'notifications/cancelled'
            : 'notifications/initialized';
        const params =
          era === 'modern' ? { requestId: 9, _meta: modernMeta() } : {};
        const answer = await post(
          endpoint,
          JSON.stringify({ jsonrpc: '2.0', method, params }),
          rpcHeaders(era, method, {}),
        );
        expect(answer.status).toBe(202);
        expect(answer.text).toBe('');
      },
    );

    it('a batch is refused in the modern era', async () => {
      const batch = [1, 2].map((id) =>
        rpcBody('modern', 'tools/list', {}, { id }),
      );
      const answer = await post(
        endpoint,
        JSON.stringify(batch),
        rpcHeaders('modern', 'tools/list', {}),
      );
      expect(answer.status).toBe(400);
      expect(answer.messages[0]?.error?.code).toBe(-32600);
    });

    it('a batch of the 2025-03-26 protocol is answered', async () => {
      const batch = [1, 2].map((id) =>
        rpcBody('legacy', 'tools/list', {}, { id }),
      );
      const answer = await post(endpoint, JSON.stringify(batch), {
        ...JSON_TYPE,
        ...ACCEPT,
        'mcp-protocol-version': '2025-03-26',
      });
      expect(answer.status).toBe(200);
      expect(
        answer.messages.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
      ).toEqual([1, 2]);
    });

    it('a legacy client is served without a session, too', async () => {
      const answer = await rpc(endpoint, 'legacy', 'initialize', {
        protocolVersion: '2025-06-18',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
      });
      expect(answer.status).toBe(200);
      expect(answer.response?.result?.['protocolVersion']).toBe('2025-06-18');
      expect(answer.headers.get('mcp-session-id')).not.toBeNull();
      // A client that overlooks its session is served all the same.
      expect((await rpc(endpoint, 'legacy', 'ping')).response?.result).toEqual(
        {},
      );
    });

    it.each(['2024-11-05', '2025-03-26', '2025-06-18', LEGACY_VERSION])(
      'a client of %s is served',
      async (version) => {
        const answer = await rpc(
          endpoint,
          'legacy',
          'tools/list',
          {},
          {
            headers: { 'mcp-protocol-version': version },
          },
        );
        expect(answer.response?.result).toHaveProperty('tools');
      },
    );

    it('a client that asks for an unknown version is offered a known one', async () => {
      const answer = await rpc(endpoint, 'legacy', 'initialize', {
        protocolVersion: '1900-01-01',
        capabilities: {},
        clientInfo: { name: 'x', version: '1' },
      });
      expect(answer.response?.result?.['protocolVersion']).toBe(LEGACY_VERSION);
    });

    it('the modern era is discovered', async () => {
      const answer = await rpc(endpoint, 'modern', 'server/discover');
      expect(answer.response?.result).toMatchObject({
        supportedVersions: expect.arrayContaining([MODERN_VERSION]),
        capabilities: { tools: {} },
      });
    });
  });

  describe('modern headers', () => {
    const call = (headers: Record<string, string>) =>
      rpc(
        endpoint,
        'modern',
        'tools/call',
        { name: 'echo_echo', arguments: { text: 'x' } },
        { headers, id: 'h' },
      );

    it.each([
      ['method', { 'mcp-method': 'tools/list' }, -32020],
      ['name', { 'mcp-name': 'echo_never' }, -32020],
      ['version', { 'mcp-protocol-version': LEGACY_VERSION }, -32020],
    ])(
      'that differ from the body in %s are refused',
      async (_, headers, code) => {
        const answer = await call(headers);
        expect(answer.status).toBe(400);
        expect(answer.response?.error?.code).toBe(code);
        expect(answer.response?.id).toBe('h');
      },
    );

    it('that are missing are refused', async () => {
      const params = { name: 'echo_echo', arguments: { text: 'x' } };
      const all = rpcHeaders('modern', 'tools/call', params);
      for (const name of ['mcp-protocol-version', 'mcp-method', 'mcp-name']) {
        const { [name]: _, ...rest } = all;
        const answer = await post(
          endpoint,
          JSON.stringify(rpcBody('modern', 'tools/call', params)),
          rest,
        );
        expect(answer.status).toBe(400);
        expect(answer.messages[0]?.error?.code).toBe(-32020);
      }
    });

    it('of a version nobody serves are refused with those that are', async () => {
      const params = {
        _meta: modernMeta({
          'io.modelcontextprotocol/protocolVersion': '2099-01-01',
        }),
      };
      const answer = await post(
        endpoint,
        JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params }),
        {
          ...rpcHeaders('modern', 'tools/list', {}),
          'mcp-protocol-version': '2099-01-01',
        },
      );
      expect(answer.status).toBe(400);
      expect(answer.messages[0]?.error).toMatchObject({
        code: -32022,
        data: { supported: expect.arrayContaining([MODERN_VERSION]) },
      });
    });

    it('of a session and of an event are ignored', async () => {
      const answer = await call({
        'mcp-session-id': 'made-up',
        'last-event-id': '7',
      });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    });
  });
});

describe.each(ADAPTERS)('open streams on %s', (adapter) => {
  const listen = { notifications: { toolsListChanged: true } };

  it('acknowledge a subscription, and end with the application', async () => {
    const booted = await bootApp(App, adapter);
    const stream = openStream(
      `${booted.url}/mcp`,
      'subscriptions/listen',
      listen,
    );
    await until(() => stream.received().includes('acknowledged'));
    const started = Date.now();
    await booted.close();
    expect(Date.now() - started).toBeLessThan(2000);
    await stream.ended;
    expect(stream.received()).toContain('"result"');
  });

  it.each(['echo_never', 'echo_ticks'])(
    'of a call of %s end with the application',
    async (name) => {
      const booted = await bootApp(HastyApp, adapter);
      const call = openStream(
        `${booted.url}/mcp`,
        'tools/call',
        { name, arguments: {} },
        { meta: { progressToken: 1 } },
      );
      await new Promise((resolve) => setTimeout(resolve, 150));
      const started = Date.now();
      await booted.close();
      expect(Date.now() - started).toBeLessThan(2000);
      await call.ended;
    },
  );

  it('of several clients are all served, and a gone one is forgotten', async () => {
    const booted = await bootApp(App, adapter);
    const streams = Array.from({ length: 20 }, (_, id) =>
      openStream(`${booted.url}/mcp`, 'subscriptions/listen', listen, { id }),
    );
    await until(() =>
      streams.every((stream) => stream.received().includes('acknowledged')),
    );
    for (const stream of streams.slice(0, 10)) stream.abandon();
    expect(
      (await callTool(`${booted.url}/mcp`, 'echo_echo', { text: 'x' }))
        .structuredContent,
    ).toEqual({ text: 'x' });
    await booted.close();
    await Promise.all(streams.map((stream) => stream.ended));
  });
});

describe('compression in front of the endpoint', () => {
  let booted: BootedApp;
  const gzip = { headers: { 'accept-encoding': 'gzip' } };

  beforeAll(async () => {
    booted = await bootApp(App, 'express', {
      configure: (app) => void app.use(compression({ threshold: 0 })),
    });
  });
  afterAll(() => booted?.close());

  it('holds back no event of a subscription', async () => {
    const stream = openStream(
      `${booted.url}/mcp`,
      'subscriptions/listen',
      { notifications: { toolsListChanged: true } },
      gzip,
    );
    await until(() => stream.received().includes('acknowledged'));
    stream.abandon();
    await stream.ended;
  });

  it('holds back no progress of a call', async () => {
    const stream = openStream(
      `${booted.url}/mcp`,
      'tools/call',
      { name: 'echo_ticks', arguments: {} },
      { ...gzip, meta: { progressToken: 'p' } },
    );
    await until(
      () => stream.received().split('notifications/progress').length > 2,
    );
    stream.abandon();
    await stream.ended;
  });

  it('changes no answer', async () => {
    const answer = await rpc(
      `${booted.url}/mcp`,
      'modern',
      'tools/call',
      { name: 'echo_echo', arguments: { text: 'x'.repeat(5000) } },
      gzip,
    );
    expect(answer.response?.result?.['structuredContent']).toEqual({
      text: 'x'.repeat(5000),
    });
  });
});
