import type { INestApplication } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { McpModule } from 'nestjs-mcp';
import { AuthModule } from '../../sample/02-existing-guards/src/auth/auth.module.js';
import { demoToken } from '../../sample/02-existing-guards/src/auth/demo-token.js';
import {
  AUDIENCE,
  ISSUER,
  jwtSecret,
} from '../../sample/02-existing-guards/src/auth/jwt.settings.js';
import { Public } from '../../sample/02-existing-guards/src/auth/public.decorator.js';
import { createApp } from '../../sample/02-existing-guards/src/create-app.js';
import { OrdersController } from '../../sample/02-existing-guards/src/orders/orders.controller.js';
import { OrdersService } from '../../sample/02-existing-guards/src/orders/orders.service.js';
import { welcome } from '../../sample/02-existing-guards/src/welcome.js';
import { MAIN_TWO, createAdapter } from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';
import { signWithSecret } from '../support/signing-key.js';

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** What `mcp-remote` sends when it is started as the printed settings say. */
function headersOfSettings(printed: string): Record<string, string> {
  const [block = ''] = /^ {2}\{$[^]*?^ {2}\}$/m.exec(printed) ?? [];
  const settings = JSON.parse(block) as {
    mcpServers: {
      orders: { args: string[]; env: Record<string, string> };
    };
  };
  const { args, env } = settings.mcpServers.orders;
  const header = args[args.indexOf('--header') + 1] ?? '';
  const [name = '', ...value] = header
    .replace(/\$\{(\w+)\}/g, (_, variable: string) => env[variable] ?? '')
    .split(':');
  return { [name]: value.join(':') };
}

/** Claims of a token that the application would take. */
const goodClaims = () => ({
  sub: 'eve',
  roles: ['manager'],
  iss: ISSUER,
  aud: AUDIENCE,
  exp: inSeconds(60),
});

/** Credentials that the application does not take. */
const BAD_TOKENS: [string, () => Promise<string>][] = [
  ['nonsense', () => Promise.resolve('nonsense')],
  [
    'a token signed by another secret',
    () => signWithSecret(`not ${jwtSecret()}`, goodClaims()),
  ],
  [
    'an expired token',
    () => signWithSecret(jwtSecret(), { ...goodClaims(), exp: inSeconds(-1) }),
  ],
  [
    'a token for another audience',
    () => signWithSecret(jwtSecret(), { ...goodClaims(), aud: 'elsewhere' }),
  ],
];

describe.each(MAIN_TWO)('existing guards on %s', (adapter) => {
  let app: INestApplication;
  let origin: string;
  let endpoint: string;
  let support: string;
  let manager: string;

  beforeEach(async () => {
    app = await createApp(createAdapter(adapter), {
      logger: ['warn', 'error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    });
    await app.listen(0, '127.0.0.1');
    origin = await app.getUrl();
    endpoint = `${origin}/mcp`;
    support = await demoToken('sam', 'support');
    manager = await demoToken('mia', 'manager');
  });

  afterEach(() => app.close());

  const rest = async (path: string, token?: string, method = 'GET') => {
    const response = await fetch(origin + path, {
      method,
      headers: token === undefined ? {} : bearer(token),
    });
    return { status: response.status, body: (await response.json()) as object };
  };

  describe.each(ERAS)('in the %s era', (era) => {
    it('serves a client that sends the header of the printed settings', async () => {
      const printed = welcome(endpoint, { support, manager });
      const headers = headersOfSettings(printed);
      expect(headers).toEqual({ Authorization: `Bearer ${support}` });

      const client = await connectClient(endpoint, era, headers);
      try {
        const { tools } = await client.listTools();
        expect(tools.map(({ name }) => name).sort()).toEqual([
          'orders_find_one',
          'orders_list',
          'orders_refund',
        ]);
        const result = await client.callTool({
          name: 'orders_find_one',
          arguments: { id: 2 },
        });
        expect(result.isError ?? false).toBe(false);
        expect(result.structuredContent).toEqual(
          (await rest('/orders/2', support)).body,
        );
      } finally {
        await client.close();
      }
    });

    it('refuses a client without a token, and challenges it', async () => {
      await expect(connectClient(endpoint, era)).rejects.toThrow();
      for (const method of ['tools/list', 'tools/call']) {
        const { status, headers, text } = await rpc(endpoint, era, method, {
          name: 'orders_list',
          arguments: {},
        });
        expect(status).toBe(401);
        expect(headers.get('www-authenticate')).toBe('Bearer');
        expect(text).not.toContain('Teapot');
      }
      expect((await rest('/orders')).status).toBe(401);
    });

    it.each(BAD_TOKENS)('refuses %s', async (_name, make) => {
      const token = await make();
      await expect(
        connectClient(endpoint, era, bearer(token)),
      ).rejects.toThrow();
      const { status, headers, text } = await rpc(
        endpoint,
        era,
        'tools/call',
        { name: 'orders_list', arguments: {} },
        { headers: bearer(token) },
      );
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(
        'Bearer error="invalid_token"',
      );
      expect(text).not.toContain('Teapot');
      expect((await rest('/orders', token)).status).toBe(401);
    });

    it("tells in the result what the route's own guard says of a missing role", async () => {
      const refused = await callTool(
        endpoint,
        'orders_refund',
        { id: 1 },
        { era, headers: bearer(support) },
      );
      const expected = await rest('/orders/1/refund', support, 'POST');
      expect(expected.status).toBe(403);
      expect(refused.isError).toBe(true);
      expect(refused.text).toContain('403');
      expect(refused.text).toContain(
        (expected.body as { message: string }).message,
      );
      expect((await rest('/orders/1', support)).body).toMatchObject({
        status: 'paid',
      });
    });

    it('hands the route the person behind the token', async () => {
      const { isError } = await callTool(
        endpoint,
        'orders_refund',
        { id: 3 },
        { era, headers: bearer(manager) },
      );
      expect(isError).toBe(false);
      expect((await rest('/orders/3', support)).body).toMatchObject({
        status: 'refunded',
        refundedBy: 'mia',
      });
    });

    it('has global guards that refuse an endpoint without `decorators`', async () => {
      @Module({
        imports: [AuthModule, McpModule.forRoot({ name: 'unmarked' })],
        controllers: [OrdersController],
        providers: [OrdersService],
      })
      class Unmarked {}
      const booted = await bootApp(Unmarked, adapter);
      try {
        const { status } = await rpc(
          `${booted.url}/mcp`,
          era,
          'tools/list',
          {},
          { headers: bearer(manager) },
        );
        expect(status).toBe(403);
      } finally {
        await booted.close();
      }
    });
  });

  it('leads clients to the login where the guards decide alone', async () => {
    @Module({
      imports: [
        AuthModule,
        McpModule.forRoot({
          name: 'led',
          decorators: [Public()],
          guards: [AuthGuard('jwt')],
          auth: {
            verifier: false,
            resource: 'https://api.shop.example/mcp',
            authorizationServers: [ISSUER],
          },
        }),
      ],
      controllers: [OrdersController],
      providers: [OrdersService],
    })
    class Led {}
    const booted = await bootApp(Led, adapter);
    try {
      const { status, headers } = await rpc(
        `${booted.url}/mcp`,
        'modern',
        'tools/list',
      );
      const path = '/.well-known/oauth-protected-resource/mcp';
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe(
        `Bearer resource_metadata="https://api.shop.example${path}"`,
      );
      const document = await fetch(booted.url + path);
      expect(await document.json()).toMatchObject({
        resource: 'https://api.shop.example/mcp',
        authorization_servers: [ISSUER],
      });
    } finally {
      await booted.close();
    }
  });

  it('leaves public routes public, and others closed', async () => {
    expect(await rest('/health')).toEqual({
      status: 200,
      body: { status: 'ok' },
    });
    expect((await rest('/orders/1/refund', undefined, 'POST')).status).toBe(
      401,
    );
  });
});
