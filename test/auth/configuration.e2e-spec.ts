import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ApiKeyAuthProvider,
  CompositeAuthProvider,
  CompositeTokenVerifier,
  IntrospectionTokenVerifier,
  McpAuthModule,
  type McpAuthModuleOptions,
  type McpAuthOptions,
  McpModule,
  McpPublic,
  McpScopes,
  McpTool,
  ProviderTokenVerifier,
  RemoteTokenVerifier,
  StaticTokenVerifier,
  TokenVerifier,
} from '../../lib/index.js';
import { ADAPTERS, createAdapter } from '../support/adapters.js';
import { createIssuer } from '../support/auth-issuer.js';
import { bootApp } from '../support/boot-app.js';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../support/loopback-server.js';
import { createSigningKey } from '../support/signing-key.js';

const RESOURCE = 'https://api.example.com/mcp';
const SECRET = 'a secret of at least thirty-two bytes';

/** Takes tokens, and does not say for whom they are. */
class Careless extends TokenVerifier {
  override verify() {
    return Promise.resolve({ sub: 'anybody' });
  }
}

const keys = new StaticTokenVerifier(['k'], { tokenType: 'api_key' });

/** What is wrong, the options (made late, as some throw), and the words that must be there. */
const WRONG: readonly (readonly [
  string,
  () => McpAuthModuleOptions,
  readonly (string | RegExp)[],
])[] = [
  ...[
    'api.example.com/mcp',
    '/mcp',
    '',
    'http://api.example.com/mcp',
    'http://127.0.0.1.evil.example/mcp',
    'http://localhost.evil.example/mcp',
    'http://localhost@evil.example/mcp',
    'ftp://api.example.com/mcp',
    'https://api.example.com/mcp#part',
    'https://ada@api.example.com/mcp',
    'https://ada:secret@api.example.com/mcp',
    'https://:secret@api.example.com/mcp',
  ].map(
    (resource) =>
      [
        `resource ${JSON.stringify(resource)} (RFC 8707 2)`,
        () => ({ verifier: { secret: SECRET }, resource }),
        ['auth.resource', `"${resource}"`, 'Write an absolute https URL'],
      ] as const,
  ),
  [
    'one bad name among several (RFC 8707 2)',
    () => ({
      verifier: { secret: SECRET },
      resource: [RESOURCE, 'http://evil.example'],
    }),
    ['auth.resource', '"http://evil.example"'],
  ],
  [
    'no name at all (RFC 8707 2)',
    () => ({ verifier: { secret: SECRET }, resource: [] }),
    ['auth.resource is an empty list', 'Write the public URL'],
  ],
  [
    'a name with a query (RFC 9728 3.1)',
    () => ({ verifier: { secret: SECRET }, resource: `${RESOURCE}?tenant=1` }),
    ['auth.resource', `"${RESOURCE}?tenant=1" has a query`],
  ],
  ...['login.example.com', 'http://login.example.com', 'https://a/#b'].map(
    (issuer) =>
      [
        `authorizationServers ${issuer} (RFC 8414 2)`,
        () => ({
          verifier: { secret: SECRET },
          authorizationServers: ['https://login.example.com', issuer],
        }),
        ['auth.authorizationServers', `"${issuer}"`, 'Write an absolute https'],
      ] as const,
  ),
  ...(
    ['requiredScopes', 'scopesSupported', 'challengeScopes'] as const
  ).flatMap((option) =>
    ['a b', '', 'a"b', 'a\\b', 'ä', 'a\n'].map(
      (scope) =>
        [
          `${option} with ${JSON.stringify(scope)} (RFC 6749 3.3)`,
          () => ({ verifier: { secret: SECRET }, [option]: ['ok', scope] }),
          [`"${scope}" is no scope`, 'Write each by itself'],
        ] as const,
    ),
  ),
  [
    'verifier: false beside a provider',
    () => ({
      verifier: false,
      provider: new ApiKeyAuthProvider({ verifier: keys }),
    }),
    ['auth.verifier is false', 'auth.provider is given', 'Leave one out'],
  ],
  ...['health', '/a/../b', '/%61', '/*/x', '/a*', '//a'].map(
    (path) =>
      [
        `excludedPaths ${path}`,
        () => ({ verifier: { secret: SECRET }, excludedPaths: [path] }),
        ['excludedPaths', `"${path}"`, 'Write a plain path'],
      ] as const,
  ),
  [
    'no verifier at all',
    () => ({}),
    ['auth has no verifier', 'Set auth.verifier'],
  ],
  [
    'a verifier that binds tokens to nobody (RFC 8707 2)',
    () => ({ verifier: new Careless() }),
    ['auth.verifier', 'Careless', 'audience: false'],
  ],
  [
    'a verifier class that binds tokens to nobody',
    () => ({ verifier: Careless }),
    ['auth.verifier', 'Careless', 'audience: false'],
  ],
  [
    'API keys that are bound to nobody',
    () => ({ provider: new ApiKeyAuthProvider({ verifier: new Careless() }) }),
    ['ApiKeyAuthProvider', 'Careless', 'audience: false'],
  ],
  [
    'one that binds tokens to nobody among several',
    () => ({
      verifier: new CompositeTokenVerifier([
        new StaticTokenVerifier(['t']),
        new Careless(),
      ]),
    }),
    ['auth.verifier', 'CompositeTokenVerifier', 'audience: false'],
  ],
  [
    'no verifiers among several',
    () => ({ verifier: new CompositeTokenVerifier([]) }),
    ['CompositeTokenVerifier', 'empty'],
  ],
  [
    'no providers among several',
    () => ({ provider: new CompositeAuthProvider([]) }),
    ['CompositeAuthProvider', 'empty', 'Name at least one'],
  ],
  [
    'an empty audience (RFC 8707 2)',
    () => ({ verifier: { secret: SECRET, audience: '' } }),
    ['JwtTokenVerifier', 'audience is empty', 'audience: false'],
  ],
  [
    'a list of no audiences',
    () => ({ verifier: { secret: SECRET, audience: [] } }),
    ['audience is empty'],
  ],
  [
    'a short secret (RFC 7518 3.2)',
    () => ({ verifier: { secret: 'short' } }),
    ['JwtTokenVerifier', 'secret has 5 bytes', '32', 'openssl rand'],
  ],
  [
    'two kinds of key',
    () => ({ verifier: { secret: SECRET, jwksUri: 'https://l.example/jwks' } }),
    ['secret and jwksUri', 'Keep one'],
  ],
  [
    'keys of nobody in particular',
    () => ({ verifier: { jwksUri: 'https://l.example/jwks' } }),
    ['jwksUri is given without issuer', 'Set issuer'],
  ],
  [
    'no keys',
    () => ({ verifier: {} }),
    ['no keys to check tokens with', 'jwksUri'],
  ],
  [
    'alg none (RFC 8725 3.1)',
    () => ({
      verifier: { secret: SECRET, algorithms: ['none'] } as never,
    }),
    ['algorithms has "none"', 'HS256'],
  ],
  [
    'an HMAC algorithm for a key set (RFC 8725 2.1)',
    () => ({
      verifier: {
        issuer: 'https://l.example',
        jwksUri: 'https://l.example/jwks',
        algorithms: ['HS256'],
      },
    }),
    ['algorithms has "HS256"', 'RS256'],
  ],
  [
    'no algorithm',
    () => ({ verifier: { secret: SECRET, algorithms: [] } }),
    ['algorithms is empty'],
  ],
  [
    'an empty list of fixed tokens',
    () => ({ verifier: new StaticTokenVerifier([]) }),
    ['StaticTokenVerifier', 'no token'],
  ],
  [
    'a remote verifier without URL',
    () => ({ verifier: new RemoteTokenVerifier({ url: 'verify' } as never) }),
    ['RemoteTokenVerifier', 'url is no absolute http(s) URL'],
  ],
  [
    'introspection without a secret (RFC 7662 2.1)',
    () => ({
      verifier: new IntrospectionTokenVerifier({
        introspectionEndpoint: 'https://l.example/introspect',
        clientId: 'me',
        clientSecret: '',
      }),
    }),
    ['IntrospectionTokenVerifier', 'clientSecret is empty'],
  ],
  [
    'a provider that nothing is known of',
    () => ({ verifier: new ProviderTokenVerifier({}) }),
    ['ProviderTokenVerifier', 'nothing tells how to check a token'],
  ],
  [
    'a provider beside a verifier',
    () => ({ issuer: 'https://l.example', verifier: { secret: SECRET } }),
    ['auth.issuer', 'auth.verifier', 'Leave one of them out'],
  ],
  [
    'secrets without an authorization server',
    () => ({ verifier: { secret: SECRET }, secrets: ['s'.repeat(32)] }),
    ['McpAuthModule: secrets', 'Leave them out'],
  ],
  [
    'secrets that are too short',
    () => ({ authorizationServer: {}, secrets: ['short'] }),
    ['McpAuthModule: secrets[0] has 5 characters'],
  ],
  [
    'an issuer that clients are not sent to',
    () => ({
      issuer: 'https://l.example',
      authorizationServers: ['https://m.example'],
    }),
    ['auth.issuer', 'https://l.example', 'https://m.example'],
  ],
];

/** The ways to give options to a server, or to ordinary controllers. */
const WAYS: readonly (readonly [
  string,
  (make: () => McpAuthModuleOptions) => DynamicModule,
])[] = [
  [
    'McpModule.forRoot',
    (make) => McpModule.forRoot({ name: 'wrong', auth: make() }),
  ],
  [
    'McpModule.forRootAsync',
    (make) =>
      McpModule.forRootAsync({
        useFactory: () => Promise.resolve({ name: 'wrong', auth: make() }),
      }),
  ],
  ['McpAuthModule.forRoot', (make) => McpAuthModule.forRoot(make())],
  [
    'McpAuthModule.forRootAsync',
    (make) =>
      McpAuthModule.forRootAsync({ useFactory: () => Promise.resolve(make()) }),
  ],
];

const boot = async (make: () => DynamicModule): Promise<void> => {
  @Module({ imports: [make()] })
  class WrongApp {}
  const booted = await bootApp(WrongApp, 'express');
  await booted.close();
};

/** The message that start-up ends with. */
const refusalOf = async (make: () => DynamicModule): Promise<string> => {
  try {
    await boot(make);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the application has started');
};

describe.each(WAYS)('%s', (way, place) => {
  it('starts with options that are right', async () => {
    const { verifier } = await createIssuer();
    await boot(() =>
      place(() => ({
        verifier,
        resource: [RESOURCE, 'http://localhost:3000/mcp', 'http://[::1]/mcp'],
        authorizationServers: ['https://login.example.com/'],
        requiredScopes: ['a:b', "!#$%&'()*+,-./[]^_`{|}~"],
      })),
    );
  });

  it.each(
    way.startsWith('McpModule')
      ? WRONG.filter(([what]) => !/^(excludedPaths|secrets)/.test(what))
      : WRONG,
  )('stops the application for %s', async (_, make, words) => {
    const message = await refusalOf(() =>
      place(() => ({ resource: RESOURCE, ...make() })),
    );
    for (const word of words) {
      expect(message).toEqual(
        typeof word === 'string'
          ? expect.stringContaining(word)
          : expect.stringMatching(word),
      );
    }
    expect(message).not.toContain(SECRET);
  });
});

describe('a server', () => {
  const serve = (auth: McpAuthOptions) => () =>
    McpModule.forRoot({ name: 'wrong', auth });

  let remote: LoopbackServer;
  beforeAll(async () => {
    remote = await startLoopbackServer();
  });
  afterAll(() => remote?.close());

  it('stops for an HMAC secret that is a PEM key (RFC 8725 2.1)', async () => {
    const { pem } = await createSigningKey();
    const message = await refusalOf(serve({ verifier: { secret: pem } }));
    expect(message).toContain('publicKey');
    expect(message).not.toContain(pem.slice(40, 60));
  });

  it('stops for fixed tokens in production, unless forced', async () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      expect(() => new StaticTokenVerifier(['dev'])).toThrow(
        /NODE_ENV is "production".*force: true/,
      );
      await boot(
        serve({
          resource: RESOURCE,
          verifier: new StaticTokenVerifier(['dev'], { force: true }),
        }),
      );
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
  });

  it('stops for a provider whose metadata is of another issuer (RFC 8414 3.3)', async () => {
    const issuer = `${remote.origin}/tenant`;
    for (const path of [
      '/.well-known/oauth-authorization-server/tenant',
      '/.well-known/openid-configuration/tenant',
      '/tenant/.well-known/openid-configuration',
    ]) {
      remote.routes.set(path, {
        json: {
          issuer: 'https://other.example',
          jwks_uri: `${remote.origin}/jwks`,
        },
      });
    }
    const message = await refusalOf(serve({ resource: RESOURCE, issuer }));
    expect(message).toContain('ProviderTokenVerifier');
    expect(message).toContain(issuer);
  });

  it.each<[string, () => object]>([
    [
      'a method',
      () => {
        class Contradiction {
          @McpTool({ name: 'x' })
          @McpPublic()
          @McpScopes('a')
          both(): void {}
        }
        return Contradiction;
      },
    ],
    [
      'a class',
      () => {
        @McpPublic()
        @McpScopes('a')
        class Contradiction {
          @McpTool({ name: 'x' })
          both(): void {}
        }
        return Contradiction;
      },
    ],
  ])('stops for @McpPublic() beside @McpScopes() on %s', async (_, make) => {
    @Module({ providers: [make() as never] })
    class Tools {}
    const message = await refusalOf(() => ({
      module: Tools,
      imports: [
        McpModule.forRoot({
          name: 'wrong',
          auth: { resource: RESOURCE, verifier: { secret: SECRET } },
        }),
      ],
    }));
    expect(message).toContain('Contradiction');
    expect(message).toContain('both @McpPublic() and @McpScopes()');
    expect(message).toContain('Remove one');
  });
});

it('an authorizationServer without a public URL stops the application as other options do, before modules are configured', async () => {
  @Module({
    imports: [McpModule.forRoot({ auth: { authorizationServer: {} } })],
  })
  class NamelessApp {}
  for (const adapter of ADAPTERS) {
    await expect(
      NestFactory.create(NamelessApp, createAdapter(adapter), {
        logger: false,
        abortOnError: false,
      }),
    ).rejects.toThrow(/needs to know its public URL\. Set auth\.resource/);
  }
});
