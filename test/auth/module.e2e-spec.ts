import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  McpAuthGuard,
  McpAuthModule,
  type McpAuthModuleOptions,
  McpModule,
} from '../../lib/index.js';
import { OrdersModule, Visits } from '../fixtures/auth/orders.js';
import { ADAPTERS } from '../support/adapters.js';
import { readChallenge } from '../support/auth-challenge.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { sendWire } from '../support/auth-raw.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';

const RESOURCE = 'https://api.example.com';
const METADATA = `${RESOURCE}/.well-known/oauth-protected-resource`;

/** The two ways to give the options. */
const WAYS: readonly (readonly [
  string,
  (options: McpAuthModuleOptions) => DynamicModule,
])[] = [
  ['forRoot', (options) => McpAuthModule.forRoot(options)],
  [
    'forRootAsync',
    (options) =>
      McpAuthModule.forRootAsync({
        useFactory: async () => {
          await new Promise(setImmediate);
          return options;
        },
      }),
  ],
];

describe.each(ADAPTERS)('McpAuthModule on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp | undefined;

  beforeAll(async () => {
    issuer = await createIssuer('https://login.example.com', RESOURCE);
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (
    imports: readonly DynamicModule[],
    providers: Provider[] = [],
  ): Promise<BootedApp> => {
    @Module({ imports: [...imports, OrdersModule], providers })
    class RestApp {}
    return (booted = await bootApp(RestApp, adapter));
  };
  const options = (
    more: Partial<McpAuthModuleOptions> = {},
  ): McpAuthModuleOptions => ({
    verifier: issuer.verifier,
    resource: RESOURCE,
    ...more,
  });
  const get = (
    path: string,
    headers: Record<string, string> = {},
    method = 'GET',
  ) => fetch(`${booted?.url}${path}`, { method, headers });
  const visits = (): string[] =>
    booted?.app.get(Visits, { strict: false }).made ?? [];

  describe.each(WAYS)('by %s', (_, configure) => {
    it('guards an ordinary controller by @UseGuards(McpAuthGuard) (RFC 6750 3)', async () => {
      await boot([configure(options())]);
      const anonymous = await get('/orders');
      expect(anonymous.status).toBe(401);
      expect(readChallenge(anonymous.headers.get('www-authenticate'))).toEqual({
        scheme: 'Bearer',
        parameters: { resource_metadata: METADATA },
      });
      expect(anonymous.headers.get('cache-control')).toBe('no-store');
      expect(await anonymous.json()).toEqual({
        error: 'unauthorized',
        error_description: 'Authentication required',
      });
      const bad = await get('/orders', { authorization: 'Bearer bad' });
      expect(bad.status).toBe(401);
      expect(await bad.json()).toMatchObject({ error: 'invalid_token' });
      const foreign = await get(
        '/orders',
        await issuer.bearer({ aud: `${RESOURCE}/mcp` }),
      );
      expect(foreign.status).toBe(401);
      expect(visits()).toEqual([]);
      const good = await get('/orders', {
        ...(await issuer.bearer()),
        'x-tenant': 'acme',
      });
      expect(await good.json()).toEqual({
        subject: 'ada',
        tokenType: 'bearer',
        again: true,
        user: null,
        name: null,
        tenant: 'acme',
        withheld: true,
        included: true,
      });
      expect((await get('/health')).status).toBe(200);
    });

    it('serves the metadata document of the application (RFC 9728 3.1)', async () => {
      await boot([configure(options())]);
      const { pathname } = new URL(METADATA);
      expect(await (await get(pathname)).json()).toMatchObject({
        resource: RESOURCE,
        authorization_servers: [issuer.issuer],
      });
    });

    it('makes @McpUser() of a token by resolveUser, also where that takes its time', async () => {
      for (const resolveUser of [
        ({ subject }: { subject: string | undefined }) => ({ name: subject }),
        async ({ subject }: { subject: string | undefined }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return { name: subject };
        },
      ]) {
        const { close } = await boot([configure(options({ resolveUser }))]);
        const response = await get(
          '/orders',
          await issuer.bearer({ sub: 'grace' }),
        );
        expect(await response.json()).toMatchObject({
          user: { name: 'grace' },
          name: 'grace',
        });
        await close();
        booted = undefined;
      }
    });
  });

  it('a resolveUser that fails lets nobody in, and tells nothing', async () => {
    for (const resolveUser of [
      () => {
        throw new Error('ldap://internal');
      },
      () => Promise.reject(new Error('ldap://internal')),
    ]) {
      const { close } = await boot([
        McpAuthModule.forRoot(options({ resolveUser })),
      ]);
      const response = await get('/orders', await issuer.bearer());
      expect(response.ok).toBe(false);
      expect(await response.text()).not.toContain('ldap');
      expect(visits()).toEqual([]);
      await close();
      booted = undefined;
    }
  });

  it('holds routes to @McpScopes() and lets @McpPublic() be (RFC 6750 3.1)', async () => {
    await boot([
      McpAuthModule.forRoot(options({ requiredScopes: ['orders:use'] })),
    ]);
    const lacking = await get(
      '/orders/1',
      await issuer.bearer({ scope: 'orders:use orders:delete' }),
      'DELETE',
    );
    expect(lacking.status).toBe(403);
    expect(
      readChallenge(lacking.headers.get('www-authenticate')).parameters,
    ).toMatchObject({
      error: 'insufficient_scope',
      scope: 'orders:use orders:read orders:delete',
      resource_metadata: METADATA,
    });
    const enough = await get(
      '/orders/1',
      await issuer.bearer({ scope: 'orders:delete orders:use orders:read' }),
      'DELETE',
    );
    expect(enough.status).toBe(200);
    expect((await get('/orders', await issuer.bearer())).status).toBe(403);
    expect(await (await get('/orders/menu')).json()).toEqual({ subject: null });
    expect(
      (await get('/orders/menu', { authorization: 'Bearer bad' })).status,
    ).toBe(401);
    expect(visits()).toEqual(['remove']);
  });

  it('guards every route as APP_GUARD, unknown ones too where a wildcard serves them', async () => {
    await boot(
      [McpAuthModule.forRoot(options())],
      [{ provide: APP_GUARD, useClass: McpAuthGuard }],
    );
    for (const path of ['/orders', '/health', '/private', '/no/such/route']) {
      expect([path, (await get(path)).status]).toEqual([path, 401]);
      expect([path, (await get(path, await issuer.bearer())).status]).toEqual([
        path,
        200,
      ]);
    }
  });

  describe('beside an McpModule', () => {
    const servers: readonly (readonly [string, () => DynamicModule])[] = [
      ['auth: false', () => McpModule.forRoot({ name: 'x', auth: false })],
      ['no auth', () => McpModule.forRoot({ name: 'x' })],
      [
        'auth of its own',
        () =>
          McpModule.forRoot({
            name: 'x',
            auth: options({ resource: `${RESOURCE}/mcp` }),
          }),
      ],
    ];
    const expectGuarded = async (imports: readonly DynamicModule[]) => {
      await boot(imports);
      expect((await get('/orders')).status).toBe(401);
      expect((await get('/orders', await issuer.bearer())).status).toBe(200);
    };

    it.each(servers)(
      'with %s that is imported after it, guards ordinary routes all the same (fail closed)',
      (_, server) =>
        expectGuarded([McpAuthModule.forRoot(options()), server()]),
    );

    it.each(servers)(
      'with %s that is imported before it, guards ordinary routes all the same (fail closed)',
      (_, server) =>
        expectGuarded([server(), McpAuthModule.forRoot(options())]),
    );
  });

  it.each([
    '/orders?access_token=x',
    '/orders?access_token=',
    '/orders?a=1&access%5ftoken=x',
    '/orders?a=1?&access_token=x',
    '/orders??access_token=x',
    '/orders?a=1&access_token=x#y',
  ])(
    'refuses a token in the query of %s beside a good one (RFC 6750 5.3)',
    async (target) => {
      const { url } = await boot([McpAuthModule.forRoot(options())]);
      const headers = await issuer.bearer();
      const answer = await sendWire(url, { target, headers });
      // A target with a fragment gets to no route on Node's own server.
      const isRouted = adapter !== 'node' || !target.includes('#');
      expect(answer.status).toBe(isRouted ? 401 : 400);
      expect(JSON.parse(answer.text)).toMatchObject({
        error: isRouted ? 'invalid_request' : 'Bad Request',
      });
      expect(visits()).toEqual([]);
    },
  );

  describe('excludedPaths', () => {
    const guarded = () =>
      boot(
        [
          McpAuthModule.forRoot(
            options({ excludedPaths: ['/health', '/public/*'] }),
          ),
        ],
        [{ provide: APP_GUARD, useClass: McpAuthGuard }],
      );

    it.each([
      '/health',
      '/health?x=/private',
      '/health?access_token=x',
      '/public/page',
      '/public/page?x',
    ])('leave %s open', async (target) => {
      const { url } = await guarded();
      expect((await sendWire(url, { target })).status).toBe(200);
      // What needs no token is not held to a bad one either.
      expect(
        (
          await sendWire(url, {
            target,
            headers: { authorization: 'Bearer bad' },
          })
        ).status,
      ).toBe(200);
    });

    it.each([
      '/private',
      '/private?/health',
      '/private?x=/public/page',
      '/private#/health',
      '/health/../private',
      '/health/private',
      '/health/./private',
      '/health%2f..%2fprivate',
      '/health%2F../private',
      '/health/%2e%2e/private',
      '/health/..%2fprivate',
      '/health\\..\\private',
      '/health;/../private',
      '/health;x=1',
      '//health',
      '/health//',
      '/health/',
      '/HEALTH',
      '/Health',
      '/%68ealth',
      '/healthy',
      '/public',
      '/public/',
      '/public/../private',
      '/public/%2e%2e/private',
      '/public/..%2fprivate',
      '/public/%2E./private',
      '/public//private',
      '/public/%00',
      '/publicity/page',
      '/PUBLIC/page',
      '/orders',
      'http://api.example.com/health/../private',
      'http://api.example.com/private',
    ])('do not leave %s open (RFC 3986 6.2)', async (target) => {
      const { url } = await guarded();
      const answer = await sendWire(url, { target });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(visits()).toEqual([]);
    });
  });
});
