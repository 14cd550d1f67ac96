import {
  type ExecutionContext,
  Controller,
  Get,
  Injectable,
  Module,
  type DynamicModule,
  type Provider,
  UseGuards,
} from '@nestjs/common';
import {
  AccessToken,
  ApiKeyAuthProvider,
  AuthChallenge,
  BearerAuthProvider,
  CompositeAuthProvider,
  JwtTokenVerifier,
  McpAuthGuard,
  McpAuthModule,
  type McpAuthModuleOptions,
  McpAuthProvider,
  McpToken,
  StaticTokenVerifier,
  TokenVerifier,
} from '../../lib/index.js';
import { VerifierUnavailableError } from '../../lib/index.js';
import { Journal } from '../fixtures/auth/notes.controller.js';
import { OrdersModule } from '../fixtures/auth/orders.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { resultFor, tryTool } from '../support/auth-calls.js';
import {
  createIssuer,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';

/** Takes the caller from a cookie, for which it needs the whole request. */
@Injectable()
class CookieProvider extends McpAuthProvider {
  static readonly seen: unknown[] = [];

  authenticate(request: {
    headers: { cookie?: string };
    url?: string;
  }): Promise<AccessToken | null> {
    CookieProvider.seen.push(request.url);
    const [, subject] =
      /session=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
    if (subject === 'broken') {
      throw new TypeError('no such session store');
    }
    if (subject === 'down') {
      throw new VerifierUnavailableError('the store is down', {
        retryAfter: 3,
      });
    }
    return Promise.resolve(
      subject === undefined
        ? null
        : new AccessToken({
            token: subject,
            subject,
            tokenType: 'cookie',
            ...(subject === 'late' && { expiresAt: new Date(0) }),
          }),
    );
  }
}

@Injectable()
class ListVerifier extends TokenVerifier {
  override readonly audienceBinding = 'construction';

  override verify(token: string) {
    return Promise.resolve(token === 'listed' ? { sub: 'listed' } : null);
  }
}

const keys = new StaticTokenVerifier(
  {
    'key-of-ada': { sub: 'ada', client_id: 'editor', scope: 'a' },
    'key-of-robot': { client_id: 'robot' },
    'key-of-nobody': {},
  },
  { tokenType: 'api_key' },
);

describe.each(ADAPTERS)('who finds the caller on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (
    options: McpAuthModuleOptions,
    more: readonly DynamicModule[] = [],
    providers: Provider[] = [],
  ): Promise<BootedApp> => {
    @Module({
      imports: [
        McpAuthModule.forRoot({ resource: RESOURCE, ...options }),
        ...more,
        OrdersModule,
      ],
      providers,
    })
    class RestApp {}
    return (booted = await bootApp(RestApp, adapter));
  };
  const get = async (headers: Record<string, string>) => {
    const response = await fetch(`${booted?.url}/orders`, { headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
  const statusOf = async (headers: Record<string, string>) =>
    (await get(headers)).status;

  const expectCookies = async (): Promise<void> => {
    expect((await get({ cookie: 'session=grace' })).body).toMatchObject({
      subject: 'grace',
      tokenType: 'cookie',
    });
    expect(await statusOf({})).toBe(401);
    expect(await statusOf(await issuer.bearer())).toBe(401);
  };

  it('is McpAuthProvider, by its class in auth.provider', async () => {
    await boot({ provider: CookieProvider }, [provide(CookieProvider)]);
    await expectCookies();
  });

  it('is McpAuthProvider, by an instance in auth.provider', async () => {
    await boot({ provider: new CookieProvider() });
    await expectCookies();
  });

  it('is McpAuthProvider, where the application provides one', async () => {
    await boot({}, [
      provide({ provide: McpAuthProvider, useClass: CookieProvider }),
    ]);
    CookieProvider.seen.splice(0);
    await expectCookies();
    expect(new Set(CookieProvider.seen)).toEqual(new Set(['/orders']));
  });

  it('is held to what every verifier is held to: 401, 503, never 500 (RFC 6750 3.1)', async () => {
    await boot({ provider: new CookieProvider() });
    expect(await statusOf({ cookie: 'session=broken' })).toBe(401);
    expect(await statusOf({ cookie: 'session=late' })).toBe(401);
    const down = await get({ cookie: 'session=down' });
    expect(down.status).toBe(503);
    expect(down.headers.get('retry-after')).toBe('3');
  });

  it.each(ERAS)(
    'is McpAuthProvider on an MCP endpoint too (%s)',
    async (era) => {
      const server = await bootProtected(adapter, {
        provider: new CookieProvider(),
      });
      booted = server;
      expect(
        await resultFor(server.endpoint, era, 'notes_read', {
          cookie: 'session=grace',
        }),
      ).toMatchObject({ subject: 'grace' });
      expect((await tryTool(server.endpoint, era, 'notes_read')).status).toBe(
        401,
      );
      expect(server.app.get(Journal, { strict: false }).ran).toEqual(['read']);
    },
  );

  it.each<[string, McpAuthModuleOptions, DynamicModule[]]>([
    [
      'the application provides as TokenVerifier',
      {},
      [provide({ provide: TokenVerifier, useClass: ListVerifier })],
    ],
    [
      'auth.verifier names, as the application provides it',
      { verifier: ListVerifier },
      [provide(ListVerifier)],
    ],
    ['auth.verifier names alone', { verifier: ListVerifier }, []],
  ])('asks the verifier class that %s', async (_, options, imports) => {
    await boot(options, imports);
    expect((await get({ authorization: 'Bearer listed' })).body).toMatchObject({
      subject: 'listed',
    });
    expect(await statusOf({ authorization: 'Bearer other' })).toBe(401);
  });

  it.each([
    ['x-api-key', {}],
    ['x-house-key', { header: 'X-House-Key' }],
  ])('takes an API key from %s', async (header, options) => {
    await boot({
      provider: new ApiKeyAuthProvider({ verifier: keys, ...options }),
    });
    expect((await get({ [header]: 'key-of-ada' })).body).toMatchObject({
      subject: 'ada',
      tokenType: 'api_key',
    });
    for (const bad of [
      {},
      { [header]: 'key-of-eve' },
      { [header]: '' },
      { [header]: 'key-of-ada, key-of-ada' },
      { authorization: 'Bearer key-of-ada' },
      { 'x-other-key': 'key-of-ada' },
    ]) {
      expect([bad, await statusOf(bad as Record<string, string>)]).toEqual([
        bad,
        401,
      ]);
    }
  });

  it('takes an API key for no bearer token, nor the reverse (RFC 6750 2.1)', async () => {
    await boot({ verifier: keys });
    expect(await statusOf({ authorization: 'Bearer key-of-ada' })).toBe(401);
    await booted?.close();
    await boot({
      provider: new ApiKeyAuthProvider({
        verifier: new StaticTokenVerifier(['bearer-only']),
      }),
    });
    expect(await statusOf({ 'x-api-key': 'bearer-only' })).toBe(401);
  });

  describe('in several places', () => {
    const bearer = () =>
      new BearerAuthProvider({
        verifier: new JwtTokenVerifier(issuer.verifier),
        audience: () => [RESOURCE],
        onRefusal: () => undefined,
      });
    const several = () =>
      boot({
        provider: new CompositeAuthProvider([
          bearer(),
          new ApiKeyAuthProvider({ verifier: keys }),
          new CookieProvider(),
        ]),
      });

    it('takes the caller from any one of them', async () => {
      await several();
      expect((await get(await issuer.bearer())).body).toMatchObject({
        subject: 'ada',
        tokenType: 'bearer',
      });
      expect((await get({ 'x-api-key': 'key-of-ada' })).body).toMatchObject({
        subject: 'ada',
        tokenType: 'api_key',
      });
      expect((await get({ cookie: 'session=grace' })).body).toMatchObject({
        subject: 'grace',
      });
      expect(await statusOf({})).toBe(401);
      expect(await statusOf({ 'x-api-key': 'key-of-eve' })).toBe(401);
    });

    it.each<[string, Record<string, unknown>, Record<string, string>]>([
      ['another subject', { sub: 'grace' }, { 'x-api-key': 'key-of-ada' }],
      ['another issuer', {}, { 'x-api-key': 'key-of-ada' }],
      ['a client', {}, { 'x-api-key': 'key-of-robot' }],
      ['nobody in particular', {}, { 'x-api-key': 'key-of-nobody' }],
      ['a cookie of the same name', {}, { cookie: 'session=ada' }],
    ])(
      'refuses two identities in one request: %s',
      async (_, claims, headers) => {
        await several();
        expect(
          await statusOf({ ...(await issuer.bearer(claims)), ...headers }),
        ).toBe(401);
      },
    );

    it('is not stopped by an outage of one, as long as another knows the caller', async () => {
      await several();
      expect(
        await statusOf({
          ...(await issuer.bearer()),
          cookie: 'session=down',
        }),
      ).toBe(200);
      expect(
        await statusOf({ 'x-api-key': 'key-of-eve', cookie: 'session=down' }),
      ).toBe(503);
    });
  });

  it('an AuthChallenge of the application writes the header (RFC 7235 2.2)', async () => {
    class WithRealm extends AuthChallenge {
      override header(
        ...[scheme, parameters]: Parameters<AuthChallenge['header']>
      ): string {
        return super
          .header(scheme, parameters)
          .replace(/^(\S+)/, '$1 realm="atlas",');
      }
    }
    await boot({ verifier: issuer.verifier }, [
      provide({ provide: AuthChallenge, useClass: WithRealm }),
    ]);
    const { headers } = await get({});
    expect(headers.get('www-authenticate')).toMatch(
      /^Bearer realm="atlas", resource_metadata="/,
    );
  });

  it('each step of McpAuthGuard may be overridden', async () => {
    const steps: string[] = [];
    @Injectable()
    class StepGuard extends McpAuthGuard {
      protected override getRequest(context: ExecutionContext) {
        steps.push('getRequest');
        return super.getRequest(context);
      }
      protected override checkTransport(
        ...args: Parameters<McpAuthGuard['checkTransport']>
      ): void {
        steps.push('checkTransport');
        super.checkTransport(...args);
      }
      protected override identify(
        ...[place, request, needed]: Parameters<McpAuthGuard['identify']>
      ): Promise<AccessToken | null> {
        steps.push('identify');
        return request.headers['x-test-caller'] === 'robot'
          ? Promise.resolve(new AccessToken({ token: '-', subject: 'robot' }))
          : super.identify(place, request, needed);
      }
      protected override checkAccess(
        ...args: Parameters<McpAuthGuard['checkAccess']>
      ): void {
        steps.push('checkAccess');
        super.checkAccess(...args);
      }
      protected override attach(
        ...args: Parameters<McpAuthGuard['attach']>
      ): Promise<void> {
        steps.push('attach');
        return super.attach(...args);
      }
    }

    @Controller('steps')
    @UseGuards(StepGuard)
    class StepsController {
      @Get()
      steps(@McpToken() token: AccessToken): unknown {
        return { subject: token.subject };
      }
    }

    @Module({ controllers: [StepsController] })
    class StepsModule {}
    await boot({ verifier: issuer.verifier }, [{ module: StepsModule }]);
    const url = `${booted?.url}/steps`;
    const robot = await fetch(url, { headers: { 'x-test-caller': 'robot' } });
    expect(await robot.json()).toEqual({ subject: 'robot' });
    expect(steps).toEqual([
      'getRequest',
      'checkTransport',
      'identify',
      'checkAccess',
      'attach',
    ]);
    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: await issuer.bearer() })).status).toBe(
      200,
    );
  });
});
