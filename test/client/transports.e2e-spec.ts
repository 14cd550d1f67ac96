import { Controller, Get, Module } from '@nestjs/common';
import {
  HealthCheck,
  HealthCheckService,
  TerminusModule,
} from '@nestjs/terminus';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { McpTool, StaticTokenVerifier } from '../../lib/index.js';
import {
  BearerAuth,
  CrossAppAuth,
  McpClientHealthIndicator,
  McpClientModule,
  McpClients,
  McpUnauthorizedError,
  TokenExchangeAuth,
} from '../../lib/client/index.js';
import { createTestTokens } from '../../lib/testing/index.js';
import { WorkshopModule } from '../fixtures/client/workshop.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { bootClients } from '../support/mcp-client.js';
import { startLoopbackServer } from '../support/loopback-server.js';
import { until } from '../support/until.js';

/** What the first process has compiled, for the next. */
const compiled = mkdtempSync(join(tmpdir(), 'client-stdio-'));
afterAll(() => rmSync(compiled, { recursive: true, force: true }));

const STDIO = {
  command: process.execPath,
  args: [
    '--import',
    './test/fixtures/stdio-app/register-typescript.mjs',
    'test/fixtures/stdio-app/main.ts',
    'context',
    compiled,
  ],
};

describe('a program', () => {
  it('is started, called over standard input and output, and started anew when it has ended', async () => {
    const calling = await bootClients({
      program: { ...STDIO, connectTimeout: 30_000, retry: { delay: 1 } },
    });
    const client = calling.client('program');
    expect((await client.tools()).length).toBeGreaterThan(0);
    const sdk = await client.sdk();
    const { pid } = sdk.transport as unknown as { pid: number };
    process.kill(pid, 'SIGKILL');
    await until(() => sdk.transport === undefined);
    expect((await client.tools()).length).toBeGreaterThan(0);
    await calling.close();
  }, 120_000);
});

it.each(ADAPTERS)(
  'the HTTP+SSE transport of 2024-11-05 is spoken, on %s',
  async (adapter) => {
    const server = await bootApp(
      WorkshopModule.with({ legacy: { sessions: true, sse: true } }),
      adapter,
      UNHELD,
    );
    const calling = await bootClients({
      old: { url: `${server.url}/sse`, transport: 'sse', era: 'legacy' },
    });
    expect(
      (await calling.client('old').callTool('greet', { name: 'Ada' })).text,
    ).toContain('Ada');
    await calling.close();
    await server.close();
  },
);

describe.each(
  ADAPTERS.flatMap((adapter) => ERAS.map((era) => ({ adapter, era }))),
)(
  'a server of this application on $adapter, in the $era era',
  ({ adapter, era }) => {
    it('is called without a port, through its own guards', async () => {
      const tokens = createTestTokens();
      @Module({
        imports: [
          WorkshopModule.with({
            legacy: { sessions: true },
            auth: { resource: tokens.resource, verifier: tokens.verifier },
          }),
          McpClientModule.forRoot({
            servers: {
              own: {
                inProcess: 'workshop',
                era,
                auth: new BearerAuth(() => tokens.sign({ subject: 'ada' })),
              },
              anonymous: { inProcess: true, era },
            },
          }),
        ],
      })
      class OwnModule {}
      const { app, close } = await bootApp(OwnModule, adapter, UNHELD);
      const clients = app.get(McpClients);
      expect(
        (await clients.get('own').callTool<{ user: string }>('carried')).text,
      ).toContain('ada');
      await expect(clients.get('anonymous').ping()).rejects.toThrow(
        McpUnauthorizedError,
      );
      await close();
    });
  },
);

describe('what a call carries of the current request', () => {
  it('is the trace and the headers that are named, and its caller for token exchange alone', async () => {
    const tokens = createTestTokens();
    const issuer = await startLoopbackServer();
    const exchanged: URLSearchParams[] = [];
    const inner = await bootApp(
      WorkshopModule.with({ forwardHeaders: [] }),
      'express',
      UNHELD,
    );
    issuer.routes.set('/token', ({ body }) => {
      exchanged.push(new URLSearchParams(body));
      return {
        json: {
          access_token: `for-${exchanged.length}`,
          token_type: 'Bearer',
          expires_in: 300,
        },
        headers: { 'content-type': 'application/json' },
      };
    });
    const called: unknown[] = [];
    issuer.routes.set('/mcp', ({ method, body }) => {
      const {
        id,
        method: asked,
        params,
      } = JSON.parse(body || '{}') as {
        id?: number;
        method?: string;
        params?: unknown;
      };
      if (asked === 'tools/call') {
        called.push(params);
      }
      return id === undefined
        ? { status: method === 'POST' ? 202 : 405 }
        : {
            headers: { 'content-type': 'application/json' },
            json: {
              jsonrpc: '2.0',
              id,
              result:
                asked === 'initialize'
                  ? {
                      protocolVersion: '2025-11-25',
                      capabilities: { tools: {} },
                      serverInfo: { name: 'stub', version: '1' },
                    }
                  : { content: [] },
            },
          };
    });
    @Controller('relay')
    class RelayController {
      constructor(private readonly clients: McpClients) {}

      @Get()
      @McpTool({ name: 'relay' })
      async relay() {
        await this.clients.get('stub').callTool('any');
        return (await this.clients.get('inner').callTool('carried')).text;
      }
    }
    @Module({
      imports: [
        WorkshopModule.with({
          auth: { resource: tokens.resource, verifier: tokens.verifier },
        }),
        McpClientModule.forRoot({
          servers: {
            inner: {
              url: `${inner.url}/mcp`,
              forwardHeaders: ['X-Tenant'],
              auth: new TokenExchangeAuth({
                clientId: 'relay',
                clientSecret: 'a+b/c:d',
                tokenUrl: `${issuer.origin}/token`,
              }),
            },
            stub: { url: `${issuer.origin}/mcp`, era: 'legacy' },
          },
        }),
      ],
      controllers: [RelayController],
    })
    class RelayModule {}
    const relay = await bootApp(RelayModule, 'express', UNHELD);
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const callers = await bootClients(
      Object.fromEntries(
        ['ada', 'bo'].map((subject) => [
          subject,
          {
            url: `${relay.url}/mcp`,
            auth: new BearerAuth(() => tokens.sign({ subject })),
            headers: {
              'x-tenant': `t-${subject}`,
              'x-other': 'o',
              traceparent,
            },
          },
        ]),
      ),
    );
    for (const subject of ['ada', 'bo', 'ada']) {
      const { text } = await callers.client(subject).callTool('relay');
      expect(text).toContain(`t-${subject}`);
      expect(text).not.toContain('x-other');
    }
    expect(called).toHaveLength(3);
    expect(called[0]).toMatchObject({ _meta: { traceparent } });
    // Each caller's token was exchanged once, and reached the issuer alone.
    expect(exchanged).toHaveLength(2);
    expect(exchanged[0]?.get('grant_type')).toBe(
      'urn:ietf:params:oauth:grant-type:token-exchange',
    );
    expect(exchanged[0]?.get('subject_token')?.split('.')).toHaveLength(3);
    expect(exchanged[0]?.get('resource')).toBe(`${inner.url}/mcp`);
    expect(
      issuer.requests.find(({ path }) => path === '/token')?.headers
        .authorization,
    ).toBe(`Basic ${Buffer.from('relay:a%2Bb%2Fc%3Ad').toString('base64')}`);
    await callers.close();
    await relay.close();
    await inner.close();
    await issuer.close();
  });
});

describe('CrossAppAuth', () => {
  it('gets a token by what the identity provider vouches for', async () => {
    const [identityProvider, issuer] = [
      await startLoopbackServer(),
      await startLoopbackServer(),
    ];
    const forms: Record<string, string>[] = [];
    const json = { 'content-type': 'application/json' };
    identityProvider.routes.set('/token', ({ body }) => {
      forms.push(Object.fromEntries(new URLSearchParams(body)));
      return {
        headers: json,
        json: {
          access_token: 'the-id-jag',
          issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
          token_type: 'N_A',
        },
      };
    });
    issuer.routes.set('/.well-known/oauth-authorization-server', {
      headers: json,
      json: {
        issuer: issuer.origin,
        authorization_endpoint: `${issuer.origin}/authorize`,
        token_endpoint: `${issuer.origin}/token`,
        response_types_supported: ['code'],
      },
    });
    issuer.routes.set('/token', ({ body }) => {
      forms.push(Object.fromEntries(new URLSearchParams(body)));
      return {
        headers: json,
        json: {
          access_token: 'the-token',
          token_type: 'Bearer',
          expires_in: 300,
        },
      };
    });
    const server = await bootApp(
      WorkshopModule.with({
        auth: {
          authorizationServers: [issuer.origin],
          verifier: new StaticTokenVerifier(['the-token']),
        },
      }),
      'express',
      UNHELD,
    );
    const calling = await bootClients({
      workshop: {
        url: `${server.url}/mcp`,
        auth: new CrossAppAuth({
          clientId: 'at-the-server',
          clientSecret: 'secret-there',
          issuer: issuer.origin,
          idToken: ({ user }) => `id-token-of-${user}`,
          identityProvider: {
            tokenUrl: `${identityProvider.origin}/token`,
            clientId: 'at-the-enterprise',
          },
        }),
      },
    });
    const client = calling.client('workshop').forCaller({ user: 'ada' });
    await client.callTool('greet', { name: 'Ada' });
    await client.callTool('greet', { name: 'Ada' });
    expect(forms).toHaveLength(2);
    expect(forms[0]).toMatchObject({
      subject_token: 'id-token-of-ada',
      requested_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      audience: issuer.origin,
    });
    expect(forms[1]).toMatchObject({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: 'the-id-jag',
    });
    await calling.close();
    await server.close();
    await identityProvider.close();
    await issuer.close();
  });
});

describe('the file of servers', () => {
  const boot = async (content: unknown) => {
    const folder = await mkdtemp(join(tmpdir(), 'servers-'));
    const file = join(folder, 'mcp.json');
    await writeFile(
      file,
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    try {
      return await bootClients({}, { file });
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it('is that of desktop clients, with variables of the environment', async () => {
    process.env['WORKSHOP_TOKEN'] = 'from-the-environment';
    const server = await startLoopbackServer();
    const calling = await boot({
      mcpServers: {
        here: {
          type: 'streamable-http',
          url: '${WORKSHOP_URL:-' + server.origin + '}/mcp',
          headers: { Authorization: 'Bearer ${WORKSHOP_TOKEN}' },
        },
        program: { command: 'node', args: ['${HOME}/a.js'], env: { A: 'b' } },
      },
    });
    await calling
      .client('here')
      .ping()
      .catch(() => undefined);
    expect(server.requests[0]?.headers.authorization).toBe(
      'Bearer from-the-environment',
    );
    await calling.close();
    await server.close();
  });

  it.each([
    [{ mcpServers: { a: { url: '${NO_SUCH_VARIABLE}' } } }, 'NO_SUCH_VARIABLE'],
    [{ servers: {} }, 'has no object mcpServers'],
    [{ mcpServers: { a: { uri: 'b' } } }, 'has "uri"'],
    [{ mcpServers: { a: { type: 'carrier-pigeon' } } }, 'carrier-pigeon'],
    ['{', 'cannot be read as JSON'],
  ])('that is %j stops the start-up', async (content, message) => {
    await expect(boot(content)).rejects.toThrow(message);
  });
});

describe('the health of a server', () => {
  it('is up while it can be called, and down when it cannot', async () => {
    @Controller('health')
    class HealthController {
      constructor(
        private readonly health: HealthCheckService,
        private readonly mcp: McpClientHealthIndicator,
      ) {}

      @Get()
      @HealthCheck()
      check() {
        return this.health.check([() => this.mcp.pingCheck('workshop')]);
      }
    }
    const server = await bootApp(WorkshopModule.with(), 'express', UNHELD);
    @Module({
      imports: [
        TerminusModule.forRoot({ logger: false }),
        McpClientModule.forRoot({
          servers: {
            workshop: {
              url: `${server.url}/mcp`,
              retry: { attempts: 0 },
            },
          },
        }),
      ],
      controllers: [HealthController],
    })
    class HealthModule {}
    const calling = await bootApp(HealthModule, 'express', UNHELD);
    const up = await fetch(`${calling.url}/health`);
    expect(up.status).toBe(200);
    expect(await up.json()).toMatchObject({
      info: { workshop: { status: 'up' } },
    });
    await server.close();
    const down = await fetch(`${calling.url}/health`);
    expect(down.status).toBe(503);
    expect(await down.json()).toMatchObject({
      error: {
        workshop: { status: 'down', message: 'McpConnectionError' },
      },
    });
    await calling.close();
  });
});
