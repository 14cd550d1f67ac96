import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { setTimeout as pause } from 'node:timers/promises';
import {
  InjectMcpClient,
  type McpClient,
  McpClientModule,
  McpConnectionError,
  McpTimeoutError,
  McpUnauthorizedError,
} from '../../lib/client/index.js';
import { WorkshopModule, type Workshop } from '../fixtures/client/workshop.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import { ERAS } from '../support/json-rpc.js';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../support/loopback-server.js';
import { bootClients } from '../support/mcp-client.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { until } from '../support/until.js';

const QUICK = { retry: { attempts: 2, delay: 1, maxDelay: 5 } } as const;
const state: Workshop = { runs: [], aborted: [], failures: 0 };
const bootServer = (port?: number, legacy = true): Promise<BootedApp> =>
  bootApp(
    WorkshopModule.with({ legacy: legacy && { sessions: true } }, state),
    'express',
    {
      ...UNHELD,
      ...(port !== undefined && { port }),
    },
  );

describe('a connection', () => {
  it.each(ERAS)(
    'is made anew when the server has restarted, in the %s era',
    async (era) => {
      const port = await freePort();
      let server = await bootServer(port);
      const calling = await bootClients({
        workshop: { url: `${server.url}/mcp`, era, ...QUICK },
      });
      const client = calling.client('workshop');
      await client.callTool('greet', { name: 'Ada' });
      await server.close();
      await expect(client.callTool('greet', { name: 'Ada' })).rejects.toThrow(
        McpConnectionError,
      );
      server = await bootServer(port);
      // A session that is gone: nothing was done, so even a tool without hints is called again.
      expect((await client.callTool('write', { note: 'first' })).text).toBe(
        'written',
      );
      await calling.close();
      await server.close();
    },
  );

  it('waits for a server that comes up, with pauses that grow', async () => {
    const port = await freePort();
    const calling = await bootClients({
      workshop: {
        url: `http://127.0.0.1:${port}/mcp`,
        retry: { attempts: 20, delay: 50, maxDelay: 500 },
      },
    });
    const greeting = calling
      .client('workshop')
      .callTool('greet', { name: 'Ada' });
    await pause(200);
    const server = await bootServer(port);
    expect((await greeting).text).toContain('Ada');
    await calling.close();
    await server.close();
  });

  it('falls back to the legacy era where the server knows no other', async () => {
    const server = await startLegacyServer();
    const calling = await bootClients({
      old: { url: `${server.origin}/mcp`, ...QUICK },
      pinned: { url: `${server.origin}/mcp`, era: 'modern', ...QUICK },
    });
    const sdk = await calling.client('old').sdk();
    expect(sdk.getProtocolEra()).toBe('legacy');
    await expect(calling.client('pinned').ping()).rejects.toThrow(
      McpConnectionError,
    );
    await calling.close();
    await server.close();
  });

  it('is made once, however many calls wait for it', async () => {
    const server = await startLegacyServer();
    const calling = await bootClients({
      old: { url: `${server.origin}/mcp`, era: 'legacy' },
    });
    await Promise.all(
      Array.from({ length: 20 }, () => calling.client('old').ping()),
    );
    const begun = server.requests.filter(({ body }) =>
      body.includes('"initialize"'),
    );
    expect(begun).toHaveLength(1);
    await calling.close();
    await server.close();
  });

  it('that is eager stops the start-up, or is tried again in the background', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/mcp`;
    await expect(
      bootClients({ far: { url, connect: 'eager', ...QUICK } }),
    ).rejects.toThrow(/MCP server "far".*ECONNREFUSED/);
    const calling = await bootClients({
      far: { url, connect: 'eager', onConnectError: 'warn', ...QUICK },
    });
    expect(calling.logger.of('warn').join()).toContain('It is tried again');
    const server = await bootServer(port);
    await until(() =>
      // The logger of the application that came last is everybody's.
      server.logger.of('log').join().includes('Connected to the MCP server'),
    );
    await calling.close();
    await server.close();
  });

  it('ends with the application', async () => {
    const server = await bootServer();
    const calling = await bootClients({
      workshop: { url: `${server.url}/mcp`, era: 'legacy' },
    });
    const client = calling.client('workshop');
    await client.ping();
    await calling.close();
    await expect(client.ping()).rejects.toThrow('the client is closed');
    await server.close();
  });
});

describe('a server that does not do what it should', () => {
  let server: LoopbackServer;
  beforeAll(async () => {
    server = await startLoopbackServer();
  });
  afterAll(() => server.close());

  const failureOf = async (path: string): Promise<unknown> => {
    const calling = await bootClients({
      odd: {
        url: `${server.origin}${path}`,
        connectTimeout: 300,
        timeout: 300,
        ...QUICK,
      },
    });
    try {
      return await calling
        .client('odd')
        .callTool('greet')
        .catch((error: unknown) => error);
    } finally {
      await calling.close();
    }
  };

  it('and hangs is given up', async () => {
    server.routes.set('/hang', 'hang');
    expect(await failureOf('/hang')).toBeInstanceOf(McpTimeoutError);
  });

  it('and drops connections cannot be reached', async () => {
    server.routes.set('/drop', 'drop');
    expect(await failureOf('/drop')).toBeInstanceOf(McpConnectionError);
    expect(server.count('/drop')).toBe(3);
  });

  it('and answers HTML is no MCP server', async () => {
    server.routes.set('/html', {
      text: '<html>secret of the page</html>',
      headers: { 'content-type': 'text/html' },
    });
    const failure = await failureOf('/html');
    expect(failure).toBeInstanceOf(McpConnectionError);
    expect(String(failure)).not.toContain('secret of the page');
  });

  it('and asks for credentials is told apart, and not asked again', async () => {
    server.routes.set('/401', {
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="a"' },
    });
    const failure = await failureOf('/401');
    expect(failure).toBeInstanceOf(McpUnauthorizedError);
    expect(failure).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="a"',
    });
    expect(String(failure)).toContain('401');
    expect(server.count('/401')).toBe(1);
  });

  it('and ends the stream before the answer loses the call, which is repeated where it only reads', async () => {
    let isReady = false;
    server.routes.set('/mcp', ({ body }) => {
      const { id, method, params } = JSON.parse(body || '{}') as {
        id?: number;
        method?: string;
        params?: { name?: string };
      };
      const answer = (result: object) => ({
        json: { jsonrpc: '2.0', id, result },
        headers: { 'content-type': 'application/json' },
      });
      if (method === 'initialize') {
        return answer(INITIALIZED);
      }
      if (method === 'tools/list') {
        return answer({
          tools: [
            {
              name: 'read',
              inputSchema: { type: 'object' },
              annotations: { readOnlyHint: true },
            },
            { name: 'write', inputSchema: { type: 'object' } },
          ],
        });
      }
      if (method === 'tools/call') {
        if (isReady) {
          return answer({ content: [{ type: 'text', text: 'done' }] });
        }
        isReady = params?.name === 'read';
        return {
          text: ': nothing yet\n\n',
          headers: { 'content-type': 'text/event-stream' },
        };
      }
      return { status: method === undefined ? 405 : 202 };
    });
    const calling = await bootClients({
      odd: { url: `${server.origin}/mcp`, era: 'legacy', ...QUICK },
    });
    const failure = await calling
      .client('odd')
      .callTool('write')
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(McpConnectionError);
    expect(failure).toMatchObject({ isSent: true });
    expect((await calling.client('odd').callTool('read')).text).toBe('done');
    await calling.close();
  });
});

describe('McpClientModule', () => {
  it('provides clients by the names of their servers, from forRoot, a factory and forFeature', async () => {
    const server = await bootServer();
    const url = `${server.url}/mcp`;
    class Shop {
      constructor(
        @InjectMcpClient('one') readonly one: McpClient,
        @InjectMcpClient('two') readonly two: McpClient,
        @InjectMcpClient('three') readonly three: McpClient,
      ) {}
    }
    @Module({
      imports: [
        McpClientModule.forRootAsync({
          names: ['one'],
          useFactory: async () => ({ servers: { one: { url }, two: { url } } }),
        }),
        McpClientModule.forFeature(['two']),
        McpClientModule.forFeature({ three: { url } }),
      ],
      providers: [Shop],
    })
    class ShopModule {}
    const app = await NestFactory.createApplicationContext(ShopModule, {
      logger: new RecordingLogger(),
    });
    const shop = app.get(Shop);
    expect([shop.one.name, shop.two.name, shop.three.name]).toEqual([
      'one',
      'two',
      'three',
    ]);
    await shop.three.ping();
    await app.close();
    await server.close();
  });

  it.each([
    [{}, 'neither url nor command nor inProcess'],
    [{ url: 'ftp://a' }, 'Write an absolute http or https URL'],
    [{ url: 'https://u:p@a.example' }, 'credentials belong in auth'],
    [{ url: 'https://a.example', command: 'b' }, 'url and command'],
    [{ url: 'https://a.example', era: 'new' }, 'auto, modern, legacy'],
    [{ url: 'https://a.example', timeout: 0 }, 'timeout is 0'],
    [{ url: 'https://a.example', args: ['b'] }, 'no command'],
    [{ url: 'https://a.example', auth: 'token' }, 'new BearerAuth'],
    [
      { url: 'https://a.example', forwardHeaders: ['Authorization'] },
      'never passed on',
    ],
    [{ url: 'https://a.example', tool: {} }, 'Did you mean tools?'],
  ])('refuses %j', async (options, message) => {
    await expect(bootClients({ it: options as never })).rejects.toThrow(
      message,
    );
  });

  it('names the servers that there are', async () => {
    const calling = await bootClients({ one: { url: 'https://a.example' } });
    expect(() => calling.client('two')).toThrow('There are one.');
    await calling.close();
  });
});

const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'old', version: '1' },
};

/** Knows `initialize` and `ping`, and answers everything else as servers of old do. */
async function startLegacyServer(): Promise<LoopbackServer> {
  const server = await startLoopbackServer();
  server.routes.set('/mcp', ({ method, body }) => {
    if (method !== 'POST') {
      return { status: 405 };
    }
    const { id, method: asked } = JSON.parse(body) as {
      id?: number;
      method: string;
    };
    if (id === undefined) {
      return { status: 202 };
    }
    const headers = { 'content-type': 'application/json' };
    return asked === 'initialize' || asked === 'ping'
      ? {
          headers,
          json: {
            jsonrpc: '2.0',
            id,
            result: asked === 'ping' ? {} : INITIALIZED,
          },
        }
      : {
          status: 400,
          headers,
          json: {
            jsonrpc: '2.0',
            id,
            error: { code: -32600, message: 'Bad Request: no session' },
          },
        };
  });
  return server;
}
