import { Controller, type DynamicModule, Get, Module } from '@nestjs/common';
import {
  CompositeTokenVerifier,
  IntrospectionTokenVerifier,
  JwtTokenVerifier,
  McpAuthModule,
  type McpAuthOptions,
  McpModule,
  McpTool,
  ProviderTokenVerifier,
  StaticTokenVerifier,
  TokenVerifier,
} from '../../lib/index.js';
import { bootApp } from '../support/boot-app.js';
import { createSigningKey } from '../support/signing-key.js';

const ISSUER = 'https://login.example.com';
const API = 'https://api.example.com';
const introspection = {
  introspectionEndpoint: `${ISSUER}/introspect`,
  clientId: 'atlas',
  clientSecret: 'a-secret',
};

@Controller()
class GreetingController {
  @Get()
  @McpTool()
  greet(): string {
    return 'Hello';
  }
}

describe('two servers in one application', () => {
  let publicKey: Record<string, unknown>;

  beforeAll(async () => {
    publicKey = { ...(await createSigningKey('ES256')).jwk };
  });

  const server = (name: string, auth: McpAuthOptions): DynamicModule =>
    McpModule.forRoot({
      name,
      path: `/mcp/${name}`,
      auth: { resource: `${API}/mcp/${name}`, ...auth },
    });
  const jwt = (audience?: string | string[] | false, issuer = ISSUER) =>
    new JwtTokenVerifier({ issuer, publicKey, audience });

  async function boot(...imports: DynamicModule[]): Promise<void> {
    @Module({ imports, controllers: [GreetingController] })
    class TwoServers {}
    await (await bootApp(TwoServers, 'express')).close();
  }

  it.each<[string, () => [McpAuthOptions, McpAuthOptions]]>([
    [
      'one audience',
      () => [{ verifier: jwt(API) }, { verifier: jwt(['urn:other', API]) }],
    ],
    [
      'an audience that is the resource of the other',
      () => [{ verifier: jwt(`${API}/mcp/office`) }, { verifier: jwt() }],
    ],
    [
      'verifiers of different kinds',
      () => [
        {
          verifier: new IntrospectionTokenVerifier({
            ...introspection,
            issuer: ISSUER,
            audience: API,
          }),
        },
        {
          verifier: new ProviderTokenVerifier({
            issuer: ISSUER,
            jwksUri: `${ISSUER}/jwks`,
            audience: API,
          }),
        },
      ],
    ],
    [
      'one that is hidden in a composite',
      () => [
        { verifier: jwt(API) },
        {
          verifier: new CompositeTokenVerifier([
            jwt(API, 'https://other.example.com'),
            jwt(API),
          ]),
        },
      ],
    ],
  ])('stop it where they accept the same tokens: %s', async (_name, make) => {
    const [shop, office] = make();
    await expect(
      boot(server('shop', shop), server('office', office)),
    ).rejects.toThrow(
      /The MCP servers "shop" and "office" accept the same tokens: those of issuer "https:\/\/login\.example\.com" for "https:\/\/api\.example\.com/,
    );
  });

  it.each<[string, () => [McpAuthOptions, McpAuthOptions]]>([
    ['other resources', () => [{ verifier: jwt() }, { verifier: jwt() }]],
    [
      'other audiences',
      () => [{ verifier: jwt('urn:shop') }, { verifier: jwt('urn:office') }],
    ],
    [
      'other issuers',
      () => [
        { verifier: jwt(API) },
        { verifier: jwt(API, 'https://other.example.com') },
      ],
    ],
    [
      'audiences crossed in composites',
      () => [
        {
          verifier: new CompositeTokenVerifier([
            jwt('urn:a', 'https://a.example.com'),
            jwt('urn:b', 'https://b.example.com'),
          ]),
        },
        { verifier: jwt('urn:b', 'https://a.example.com') },
      ],
    ],
    [
      'a check that is waived',
      () => [{ verifier: jwt(false) }, { verifier: jwt(false) }],
    ],
    [
      'tokens that name no issuer',
      () => [
        { verifier: new StaticTokenVerifier(['a']) },
        { verifier: new StaticTokenVerifier(['b']) },
      ],
    ],
  ])('run side by side with %s', async (_name, make) => {
    const [shop, office] = make();
    await boot(server('shop', shop), server('office', office));
  });

  it('run with one verifier that goes by the names of each', async () => {
    @Module({
      providers: [{ provide: TokenVerifier, useFactory: () => jwt() }],
      exports: [TokenVerifier],
    })
    class Shared {}
    await boot(
      { module: Shared, global: true },
      server('shop', {}),
      server('office', {}),
    );
  });

  it('leave ordinary routes the tokens of a server', async () => {
    await boot(
      server('shop', { verifier: jwt(API) }),
      McpAuthModule.forRoot({ resource: API, verifier: jwt(API) }),
    );
  });
});
