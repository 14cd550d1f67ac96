import type { INestApplication } from '@nestjs/common';
import fc from 'fast-check';
import {
  ApiKeyAuthProvider,
  auth0,
  cognito,
  entra,
  IntrospectionTokenVerifier,
  JwtTokenVerifier,
  keycloak,
  McpAuthModule,
  McpCompletion,
  McpContext,
  McpModule,
  McpPrompt,
  McpRegistry,
  McpResource,
  McpTool,
  MemoryEventStore,
  okta,
  ProviderTokenVerifier,
  RedisEventStore,
  RedisServerEventBus,
  RemoteTokenVerifier,
  StaticTokenVerifier,
} from '../lib/index.js';
import {
  githubLogin,
  KeyvOAuthStore,
  McpAuthorizationServerModule,
  MemoryOAuthStore,
  RedisOAuthStore,
} from '../lib/authorization-server/index.js';
import {
  ApiKeyAuth,
  AuthorizationCodeAuth,
  ClientCredentialsAuth,
  CrossAppAuth,
  McpClientHealthIndicator,
  McpClientModule,
  McpClients,
  RedisTokenStore,
  TokenExchangeAuth,
} from '../lib/client/index.js';
import { fromAuthConfig } from '../lib/fastapi-mcp/index.js';
import { runStdioServer, serveStdio } from '../lib/stdio/index.js';
import {
  checkPortability,
  expectToolsToMatchSnapshot,
  callTool,
  createMcpClient,
  createTestTokens,
} from '../lib/testing/index.js';
import { bootApp, type BootedApp } from './support/boot-app.js';
import { bootClients } from './support/mcp-client.js';
import { exportedOptions } from './support/exported-options.js';

/** A way of giving options to the library. */
type Door = (options: never) => unknown;

const NO_APP = {} as INestApplication;
let booted: BootedApp;
const registry = (): McpRegistry => booted.app.get(McpRegistry);

const forRoot = (options: object): unknown => McpModule.forRoot(options);
const auth = (options: object): unknown => forRoot({ auth: options });
const authorizationServer = (options: object): unknown =>
  auth({ authorizationServer: options });
const upstream = (options: object): unknown =>
  authorizationServer({ upstream: options });
const onMethod = (decorator: MethodDecorator): void => {
  class Atlas {
    read(): void {}
  }
  decorator(
    Atlas.prototype,
    'read',
    Object.getOwnPropertyDescriptor(Atlas.prototype, 'read') ?? {},
  );
};
const clientServer = async (options: object): Promise<void> => {
  const { app, close } = await bootClients({});
  try {
    app.get(McpClients).add({
      it: { url: 'https://a.example', ...options },
    });
  } finally {
    await close();
  }
};
const question = { channel: { elicit: () => ({}), sample: () => ({}) } };
const inCall = (): McpContext => new McpContext(question as never);

/** Every way in which options of an exported type come in. */
const DOORS: Readonly<Record<string, readonly Door[]>> = {
  McpModuleOptions: [forRoot],
  McpModuleExtras: [forRoot, (it) => McpModule.forRootAsync(it)],
  McpModuleAsyncOptions: [(it) => McpModule.forRootAsync(it)],
  ToolFilter: [
    (include) => forRoot({ include }),
    (exclude) => forRoot({ exclude }),
  ],
  CacheOptions: [
    (cache) => forRoot({ cache }),
    (cache) => onMethod(McpResource({ uri: 'a://b', cache })),
  ],
  LegacyOptions: [(legacy) => forRoot({ legacy })],
  LimitOptions: [(limits) => forRoot({ limits })],
  OriginOptions: [(origins) => forRoot({ origins })],
  SessionOptions: [(sessions) => forRoot({ legacy: { sessions } })],
  SsePathOptions: [(sse) => forRoot({ legacy: { sse } })],
  McpAuthOptions: [auth, (it) => McpAuthModule.forRoot(it)],
  McpAuthModuleOptions: [(it) => McpAuthModule.forRoot(it)],
  AuthConfig: [(it) => fromAuthConfig(it)],
  AuthorizationServerOptions: [authorizationServer],
  AuthorizationServerModuleOptions: [
    (it) => McpAuthorizationServerModule.forRoot(it),
  ],
  ClientIdMetadataOptions: [
    (clientIdMetadata) => authorizationServer({ clientIdMetadata }),
  ],
  LoginLimitOptions: [(loginLimits) => authorizationServer({ loginLimits })],
  RegistrationOptions: [
    (registration) => authorizationServer({ registration }),
  ],
  RevocationOptions: [(revocation) => authorizationServer({ revocation })],
  StaticClientOptions: [
    (client) => authorizationServer({ clients: [{}, client] }),
  ],
  LifetimeOptions: [(lifetimes) => authorizationServer({ lifetimes })],
  UpstreamOptions: [upstream],
  UpstreamPreset: [(preset) => upstream({ preset })],
  JwtVerifierOptions: [
    (verifier) => auth({ verifier }),
    (it) => new JwtTokenVerifier(it),
  ],
  JwtIssuerOptions: [
    (issuer) => auth({ verifier: { issuers: [issuer] } }),
    (issuer) => new JwtTokenVerifier({ issuers: [issuer] }),
  ],
  JwksCacheOptions: [
    (jwks) => auth({ verifier: { jwks } }),
    (jwks) => new ProviderTokenVerifier({ jwks }),
  ],
  JwtCacheOptions: [(cache) => new JwtTokenVerifier({ cache })],
  ClaimsCacheOptions: [
    (cache) => new IntrospectionTokenVerifier({ cache } as never),
    (cache) => new ProviderTokenVerifier({ cache }),
  ],
  ClaimPaths: [
    (claims) => new JwtTokenVerifier({ claims }),
    (claims) => new ProviderTokenVerifier({ claims }),
    (claims) => new IntrospectionTokenVerifier({ claims } as never),
    (claims) => new RemoteTokenVerifier({ claims } as never),
  ],
  IntrospectionVerifierOptions: [(it) => new IntrospectionTokenVerifier(it)],
  ProviderVerifierOptions: [(it) => new ProviderTokenVerifier(it)],
  RemoteVerifierOptions: [(it) => new RemoteTokenVerifier(it)],
  StaticVerifierOptions: [(it) => new StaticTokenVerifier(['token'], it)],
  ApiKeyAuthOptions: [(it) => new ApiKeyAuthProvider(it)],
  Auth0Options: [(it) => auth0(it)],
  CognitoOptions: [(it) => cognito(it)],
  EntraOptions: [(it) => entra(it)],
  KeycloakOptions: [(it) => keycloak(it)],
  OktaOptions: [(it) => okta(it)],
  McpToolOptions: [(it) => onMethod(McpTool(it))],
  McpResourceOptions: [(it) => onMethod(McpResource(it))],
  McpPromptOptions: [(it) => onMethod(McpPrompt(it))],
  McpCompletionOptions: [(it) => onMethod(McpCompletion(it))],
  McpToolDefinition: [(it) => registry().register(it)],
  McpResourceDefinition: [
    (it) =>
      registry().register({ ...(it as object), kind: 'resource' } as never),
  ],
  McpPromptDefinition: [
    (it) => registry().register({ ...(it as object), kind: 'prompt' } as never),
  ],
  LocalCallOptions: [
    (it) =>
      registry().call('none', {}, {
        ...(it as object),
        identity: null,
      } as never),
  ],
  QuestionOptions: [
    (it) => inCall().elicit('Which?', {}, it),
    (it) => inCall().sample({} as never, it),
  ],
  MemoryEventStoreOptions: [(it) => new MemoryEventStore(it)],
  RedisEventStoreOptions: [(it) => new RedisEventStore(it)],
  RedisServerEventBusOptions: [(it) => new RedisServerEventBus(it)],
  RedisOptions: [
    (it) => new RedisEventStore(it),
    (it) => new RedisServerEventBus(it),
    (it) => new RedisOAuthStore(it),
  ],
  MemoryStoreOptions: [(it) => new MemoryOAuthStore(it)],
  KeyvStoreOptions: [(it) => new KeyvOAuthStore({} as never, it)],
  RedisStoreOptions: [(it) => new RedisOAuthStore(it)],
  ServeStdioOptions: [(it) => serveStdio(NO_APP, it)],
  RunStdioOptions: [(it) => runStdioServer(class {}, it)],
  McpTestClientOptions: [
    (it) => createMcpClient(NO_APP, it),
    (it) => callTool(NO_APP, 'none', {}, it),
  ],
  ClientApiKeyOptions: [(it) => new ApiKeyAuth('key', it)],
  AuthorizationCodeAuthOptions: [(it) => new AuthorizationCodeAuth(it)],
  LoginControllerOptions: [
    (it) =>
      new AuthorizationCodeAuth({
        redirectUri: 'https://a.example/callback',
      }).controller(it),
  ],
  ClientCredentialsAuthOptions: [(it) => new ClientCredentialsAuth(it)],
  GrantOptions: [(it) => new ClientCredentialsAuth(it)],
  TokenExchangeAuthOptions: [(it) => new TokenExchangeAuth(it)],
  CrossAppAuthOptions: [(it) => new CrossAppAuth(it)],
  IdentityProviderOptions: [
    (identityProvider) => new CrossAppAuth({ identityProvider } as never),
  ],
  McpClientHealthOptions: [
    (it) => new McpClientHealthIndicator({} as never).pingCheck('it', it),
  ],
  RedisTokenStoreOptions: [(it) => new RedisTokenStore(it)],
  McpClientModuleOptions: [(it) => McpClientModule.forRoot(it)],
  McpClientModuleAsyncOptions: [(it) => McpClientModule.forRootAsync(it)],
  McpClientServerOptions: [clientServer],
  McpClientRetryOptions: [(retry) => clientServer({ retry })],
  McpClientToolOptions: [(tools) => clientServer({ tools })],
  McpClientHookOptions: [(hooks) => clientServer({ hooks })],
  McpClientCallOptions: [
    async (it) => {
      const calling = await bootClients({ it: { url: 'https://a.example' } });
      try {
        await calling.client('it').callTool('a', {}, it);
      } finally {
        await calling.close();
      }
    },
  ],
  TestTokensOptions: [(it) => createTestTokens(it)],
  PortabilityOptions: [(it) => checkPortability(NO_APP, it)],
  ToolSnapshotOptions: [
    (it) => expectToolsToMatchSnapshot(NO_APP, 'tools.json', it),
  ],
};

/** A union of the three above it. */
const UNIONS = ['McpDefinition'];

/** Functions whose options have no name. */
const NAMELESS: Readonly<Record<string, readonly [Door, readonly string[]]>> = {
  githubLogin: [
    (it) => githubLogin(it),
    ['url', 'authorizationEndpoint', 'tokenEndpoint', 'userEndpoint'],
  ],
  'preset.oauth': [
    (oauth) => upstream({ preset: { oauth } }),
    [
      'issuer',
      'authorizationEndpoint',
      'tokenEndpoint',
      'userEndpoint',
      'subject',
      'displayName',
    ],
  ],
};

const exported = exportedOptions();
const EVERY_DOOR = [
  ...Object.entries(DOORS).flatMap(([name, doors]) =>
    doors.map((door, index) => ({
      name: doors.length > 1 ? `${name}, way ${index + 1}` : name,
      door,
      keys: (exported.get(name) ?? []).map((member) => member.name),
    })),
  ),
  ...Object.entries(NAMELESS).map(([name, [door, keys]]) => ({
    name,
    door,
    keys,
  })),
];

/** Numbers come before all other keys of an object. */
const isNumber = (key: string): boolean => /^\d+$/.test(key);

/** All keys there are, as options that are not given, and then one more. */
const withExtra = (keys: readonly string[], extra: string): never =>
  Object.fromEntries([...keys, extra].map((key) => [key, undefined])) as never;

const refusalOf = async (door: Door, options: never): Promise<string> => {
  try {
    await door(options);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

const written = (key: string): string =>
  /^[\w$]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60));

beforeAll(async () => {
  booted = await bootApp(McpModule.forRoot({ name: 'atlas' }), 'express');
});
afterAll(() => booted.close());

describe('the options that the library exports', () => {
  it('are all tried here', () => {
    expect([...exported.keys()].sort()).toEqual(
      [...Object.keys(DOORS), ...UNIONS].sort(),
    );
    for (const { name, keys } of EVERY_DOOR) {
      expect([name, keys.length > 0]).toEqual([name, true]);
    }
  });

  it.each(EVERY_DOOR)(
    'take every key of $name, and no other',
    async ({ door, keys }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.string({ minLength: 1 }),
            fc.constantFrom('__proto__', 'constructor', 'toString', 'then'),
          ),
          async (extra) => {
            fc.pre(!keys.includes(extra) && !isNumber(extra));
            expect(await refusalOf(door, withExtra(keys, extra))).toContain(
              `${written(extra)} is no option. `,
            );
          },
        ),
        { numRuns: 30 },
      );
    },
  );

  it.each(EVERY_DOOR)(
    'suggest what is near a misspelt key of $name',
    async ({ door, keys }) => {
      for (const key of keys.filter(({ length }) => length > 3)) {
        const misspelt = `${key.slice(0, 2)}${key.slice(3)}`;
        const refusal = await refusalOf(door, withExtra(keys, misspelt));
        expect(refusal).toContain(`${misspelt} is no option. Did you mean `);
      }
    },
  );

  it('say the unit of every duration: milliseconds, and seconds as OAuth has them', () => {
    const DURATION =
      /(timeout|interval|lifetime|ttl(Ms)?|age|window|cooldown|tolerance|after|for|in|seconds)$/i;
    const durations = [...exported].flatMap(([type, members]) =>
      members
        .filter(
          ({ name, isNumber }) =>
            isNumber && (type === 'LifetimeOptions' || DURATION.test(name)),
        )
        .map(({ name, comment }) => ({
          option: `${type}.${name}`,
          unit: /\b(Milliseconds|Seconds)\b/.exec(comment)?.[0],
        })),
    );
    expect(durations.length).toBeGreaterThan(25);
    expect(durations.filter(({ unit }) => unit === undefined)).toEqual([]);
    expect(
      durations.filter(
        ({ option, unit }) =>
          /(timeout|interval|Ms)$/i.test(option) && unit !== 'Milliseconds',
      ),
    ).toEqual([]);
  });
});
