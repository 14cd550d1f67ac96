import {
  type CanActivate,
  Controller,
  Get,
  Injectable,
  Module,
  type Type,
  UnauthorizedException,
  UseGuards,
  type ExecutionContext,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import { McpBearerStrategy } from 'nestjs-mcp/passport';
import {
  type AccessToken,
  getAccessToken,
  McpAuthModule,
  type McpAuthModuleOptions,
  McpAuthProvider,
  McpToken,
  McpUser,
  VerifierUnavailableError,
} from '../../lib/index.js';
import { Journal, NotesModule } from '../fixtures/auth/notes.controller.js';
import { EchoModule } from '../fixtures/transport/application.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { challengeOf, resultFor, tryTool } from '../support/auth-calls.js';
import {
  createIssuer,
  now,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { provide } from '../support/auth-provide.js';
import {
  CountingVerifier,
  ScriptedVerifier,
} from '../support/auth-verifiers.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';

const METADATA =
  'https://api.example.com/.well-known/oauth-protected-resource/mcp';

/** Refuses by false, or by an exception, unless a header says otherwise. */
@Injectable()
class HouseGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string | undefined> }>();
    if (headers['x-house'] === 'unknown') {
      throw new UnauthorizedException('internal: no such house');
    }
    return headers['x-house'] === 'known';
  }
}

describe.each(ADAPTERS)('guards of the application on %s', (adapter) => {
  let issuer: TestIssuer;
  let verifier: CountingVerifier;
  let booted: Awaited<ReturnType<typeof bootProtected>> | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  beforeEach(() => {
    verifier = new CountingVerifier(issuer.verifier);
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (
    place: 'guards' | 'APP_GUARD',
    auth: Parameters<typeof bootProtected>[1],
  ) =>
    (booted = await bootProtected(
      adapter,
      auth,
      place === 'guards'
        ? { mcp: { guards: [HouseGuard] } }
        : {
            imports: [
              NotesModule,
              provide({ provide: APP_GUARD, useClass: HouseGuard }),
            ],
          },
    ));

  describe.each(['guards', 'APP_GUARD'] as const)('by %s', (place) => {
    it.each(ERAS)(
      'run before the token is asked for, and their refusal gets a challenge that fits the token (%s) (RFC 9728 5.1)',
      async (era) => {
        const { endpoint, app } = await boot(place, {
          verifier,
          authorizationServers: [issuer.issuer],
          requiredScopes: ['notes:use'],
        });
        const good = await issuer.bearer({ scope: 'notes:use' });
        const narrow = await issuer.bearer({ scope: 'other' });
        const bad = { authorization: 'Bearer nonsense' };
        const unknown = { 'x-house': 'unknown' };
        const call = (headers: Record<string, string>) =>
          tryTool(endpoint, era, 'notes_read', {}, { headers });
        const scope = 'notes:use';
        for (const [headers, status, parameters] of [
          [{}, 403, { scope }],
          [unknown, 401, { scope }],
          // Another token of the same kind would be refused as well.
          [good, 403, {}],
          [{ ...good, ...unknown }, 403, {}],
          [narrow, 403, { scope, error: 'insufficient_scope' }],
          [
            { ...narrow, ...unknown },
            403,
            { scope, error: 'insufficient_scope' },
          ],
          [{ ...bad, ...unknown }, 401, { scope, error: 'invalid_token' }],
        ] as const) {
          const answer = await call(headers);
          expect(answer.status).toBe(status);
          expect(challengeOf(answer).parameters).toEqual({
            ...parameters,
            resource_metadata: METADATA,
          });
          expect(answer.text).not.toContain('invalid_token');
        }
        expect((await call({ 'x-house': 'known' })).status).toBe(401);
        expect(app.get(Journal, { strict: false }).ran).toEqual([]);
        if (place === 'guards') {
          const answer = await call({ ...good, 'x-house': 'known' });
          expect(answer.status).toBe(200);
        }
      },
    );
  });

  it.each(ERAS)(
    'are answered as 503 where their 401 meets a token that cannot be judged, as it may be good (%s) (RFC 9110 15.6.4)',
    async (era) => {
      const { endpoint } = await boot('APP_GUARD', {
        verifier: new ScriptedVerifier(() => {
          throw new VerifierUnavailableError('ldap://internal is down', {
            retryAfter: 7,
          });
        }),
        authorizationServers: [issuer.issuer],
      });
      for (const house of ['unknown', 'other']) {
        const call = (headers: Record<string, string>) =>
          tryTool(
            endpoint,
            era,
            'notes_read',
            {},
            { headers: { 'x-house': house, ...headers } },
          );
        const answer = await call({ authorization: 'Bearer opaque' });
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toBe('7');
        expect(answer.headers.get('www-authenticate')).toBeNull();
        expect(answer.text).not.toMatch(/ldap|internal/);
        expect((await call({})).status).toBe(house === 'unknown' ? 401 : 403);
      }
    },
  );

  it.each(ERAS)(
    'on a route answer 401 to a good token in the result alone, as a new login would not help (%s)',
    async (era) => {
      const { endpoint } = (booted = await bootProtected(adapter, {
        verifier,
        authorizationServers: [issuer.issuer],
      }));
      const answer = await tryTool(
        endpoint,
        era,
        'notes_refused',
        { status: '401' },
        { headers: await issuer.bearer({}) },
      );
      expect(answer.status).toBe(200);
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(answer.response?.result).toMatchObject({
        isError: true,
        content: [{ text: expect.stringContaining('401 Unauthorized') }],
      });
    },
  );

  it.each(ERAS)(
    'get a challenge for their 401 without auth as well, and start-up and log tell what is missing (%s) (RFC 9110 11.6.1)',
    async (era) => {
      const server = (booted = await bootProtected(adapter, undefined, {
        imports: [
          EchoModule,
          provide({ provide: APP_GUARD, useClass: HouseGuard }),
        ],
      }));
      expect(server.logger.of('log')).toContainEqual(
        expect.stringMatching(
          /^Guards of the application \(HouseGuard\) decide on the MCP endpoint \/mcp as well.*authorizationServers/,
        ),
      );
      for (const house of ['unknown', 'unknown', 'other']) {
        const answer = await tryTool(
          server.endpoint,
          era,
          'echo_echo',
          {},
          { headers: { 'x-house': house, authorization: 'Bearer theirs' } },
        );
        expect(answer.status).toBe(house === 'other' ? 403 : 401);
        expect(answer.headers.get('www-authenticate')).toBe(
          house === 'other' ? null : 'Bearer',
        );
      }
      expect(
        server.logger.of('warn').filter((line) => /answered 401/.test(line)),
      ).toHaveLength(1);
    },
  );

  it.each(ERAS)(
    'with verifier: false are the only check, also where the application provides an McpAuthProvider (%s)',
    async (era) => {
      const asked: unknown[] = [];
      class Refusing extends McpAuthProvider {
        authenticate(): Promise<null> {
          asked.push('authenticate');
          return Promise.resolve(null);
        }
        override prepare(): Promise<void> {
          asked.push('prepare');
          return Promise.resolve();
        }
      }
      const server = await bootProtected(
        adapter,
        { verifier: false },
        {
          imports: [
            EchoModule,
            provide({ provide: McpAuthProvider, useClass: Refusing }),
          ],
          mcp: { guards: [HouseGuard] },
        },
      );
      booted = server;
      const call = (house: string) =>
        tryTool(
          server.endpoint,
          era,
          'echo_echo',
          { text: 'hello' },
          { headers: { 'x-house': house } },
        );
      expect((await call('known')).status).toBe(200);
      expect((await call('other')).status).toBe(403);
      expect(asked).toEqual([]);
    },
  );

  it.each(ERAS)(
    'with verifier: false are the only check, and their refusal is still challenged (%s)',
    async (era) => {
      const server = await bootProtected(
        adapter,
        { verifier: false, authorizationServers: [issuer.issuer] },
        { imports: [EchoModule], mcp: { guards: [HouseGuard] } },
      );
      booted = server;
      const known = await tryTool(
        server.endpoint,
        era,
        'echo_echo',
        { text: 'hello' },
        { headers: { 'x-house': 'known', authorization: 'Bearer of-theirs' } },
      );
      expect(known.status).toBe(200);
      const refused = await tryTool(server.endpoint, era, 'echo_echo');
      expect(refused.status).toBe(403);
      expect(challengeOf(refused).parameters).toEqual({
        resource_metadata: METADATA,
      });
    },
  );
});

@Controller('passport')
@UseGuards(AuthGuard('mcp'))
class PassportController {
  @Get()
  read(@McpUser() user: unknown, @McpToken() token: AccessToken | null) {
    return {
      user,
      subject: token?.subject ?? null,
      same: getAccessToken() === token,
    };
  }
}

@Module({ controllers: [PassportController], providers: [McpBearerStrategy] })
class PassportModule {}

describe.each(ADAPTERS)("AuthGuard('mcp') on %s", (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (options: McpAuthModuleOptions) => {
    @Module({
      imports: [
        McpAuthModule.forRoot({ resource: RESOURCE, ...options }),
        PassportModule,
      ],
    })
    class PassportApp {}
    booted = await bootApp(PassportApp as Type<unknown>, adapter);
    return (headers: Record<string, string> = {}) =>
      fetch(`${booted?.url}/passport`, { headers });
  };

  it('verifies tokens by the configured verifier, and makes a user of them', async () => {
    const get = await boot({
      verifier: issuer.verifier,
      resolveUser: async ({ subject }) => {
        await new Promise(setImmediate);
        return { name: subject };
      },
    });
    const response = await get(await issuer.bearer());
    expect(await response.json()).toEqual({
      user: { name: 'ada' },
      subject: 'ada',
      same: true,
    });
  });

  it('has the token as user without resolveUser', async () => {
    const get = await boot({ verifier: issuer.verifier });
    const response = await get(await issuer.bearer());
    expect(await response.json()).toMatchObject({ user: { subject: 'ada' } });
  });

  it.each<[string, (issuer: TestIssuer) => Promise<string> | string]>([
    ['nothing', () => ''],
    ['nonsense', () => 'Bearer nonsense'],
    ['another scheme', () => 'Basic YTpi'],
    [
      'an expired token',
      async (from) =>
        `Bearer ${await from.token({ exp: now() - 1, scope: 'a' })}`,
    ],
    [
      'a token for another server',
      async (from) => `Bearer ${await from.token({ aud: 'x', scope: 'a' })}`,
    ],
    [
      'a token without the scopes of the server',
      async (from) => `Bearer ${await from.token({ scope: 'b' })}`,
    ],
  ])('refuses %s with 401', async (_, make) => {
    const get = await boot({
      verifier: issuer.verifier,
      requiredScopes: ['a'],
    });
    const authorization = await make(issuer);
    expect((await get(authorization ? { authorization } : {})).status).toBe(
      401,
    );
    expect((await get(await issuer.bearer({ scope: 'a' }))).status).toBe(200);
  });

  it('answers 503, not 401, where the token cannot be judged (RFC 9110 15.6.4)', async () => {
    const get = await boot({
      verifier: new ScriptedVerifier(() => {
        throw new VerifierUnavailableError('ldap://internal is down');
      }),
    });
    const response = await get({ authorization: 'Bearer opaque' });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('ldap');
  });

  it.each(ERAS)(
    'may stand before the verifier of an endpoint (%s)',
    async (era) => {
      const server = await bootProtected(
        adapter,
        { verifier: issuer.verifier, authorizationServers: [issuer.issuer] },
        {
          imports: [NotesModule, PassportModule],
          mcp: { guards: [AuthGuard('mcp')] },
        },
      );
      booted = server;
      const refused = await tryTool(server.endpoint, era, 'notes_read');
      expect(refused.status).toBe(401);
      expect(challengeOf(refused).parameters).toEqual({
        resource_metadata: METADATA,
      });
      expect(
        await resultFor(
          server.endpoint,
          era,
          'notes_read',
          await issuer.bearer(),
        ),
      ).toMatchObject({ subject: 'ada' });
    },
  );
});
