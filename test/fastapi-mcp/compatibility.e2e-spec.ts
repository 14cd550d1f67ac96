import {
  type CanActivate,
  Controller,
  Get,
  Headers as RequestHeaders,
  Injectable,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { MemoryOAuthStore } from '../../lib/authorization-server/index.js';
import {
  type AuthConfig,
  defineOAuthMetadata,
  fromAuthConfig,
} from '../../lib/fastapi-mcp/index.js';
import {
  McpModule,
  type McpModuleExtras,
  McpTool,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { NotesModule } from '../fixtures/auth/notes.controller.js';
import { MAIN_TWO, type AdapterName } from '../support/adapters.js';
import { HandClient } from '../support/authorization-server.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import {
  DIRECT_CLIENT,
  type DirectProvider,
  startDirectProvider,
} from '../support/direct-provider.js';
import { freePort } from '../support/free-port.js';
import { OAUTH_CLIENTS } from '../support/oauth-clients.js';
import { OAuthStore } from '../support/oauth-store.js';
import { CLIENT_CALLBACK, Person } from '../support/person.js';
import { until } from '../support/until.js';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from '../support/upstream-provider.js';

const METADATA = '/.well-known/oauth-authorization-server';
const CALLBACK = 'http://127.0.0.1:7777/client-callback';

type Booted = BootedApp & { readonly endpoint: string };
type Json = Record<string, unknown>;

/** Tells what Authorization the route was called with. */
@Controller('echo')
class EchoController {
  @Get()
  @McpTool()
  read(@RequestHeaders('authorization') authorization = 'none'): unknown {
    return { authorization };
  }
}

/** Boots servers of these options, the first of them at /mcp. */
async function boot(
  adapter: AdapterName,
  auth: AuthConfig | ((origin: string) => AuthConfig),
  extras: McpModuleExtras = {},
  others: readonly string[] = [],
): Promise<Booted> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const options = typeof auth === 'function' ? auth(origin) : auth;
  const endpoint = `${origin}/mcp`;
  const imports = [
    McpModule.forRoot({
      name: 'compatible',
      ...extras,
      auth: fromAuthConfig({ resource: endpoint, ...options }),
    }),
    ...others.map((path) =>
      McpModule.forRoot({
        name: path,
        path,
        auth: fromAuthConfig({ ...options, resource: `${origin}${path}` }),
      }),
    ),
  ];
  class CompatibleApp {}
  const module = {
    module: CompatibleApp,
    imports: isOpen(options) ? imports : [...imports, NotesModule],
    controllers: [EchoController],
  };
  const booted = await bootApp(module, adapter, { port });
  return { ...booted, endpoint };
}

/** Tools that ask for scopes have no place on a server that looks at no token. */
const isOpen = ({ verifier, enforce }: AuthConfig): boolean =>
  verifier === false || enforce === false;

const read = async (url: string): Promise<Json> =>
  (await (await fetch(url)).json()) as Json;

@Injectable()
class SomeGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

describe.each(MAIN_TWO)('customMetadata on %s', (adapter) => {
  const issuer = 'https://login.example.com';
  const customMetadata = defineOAuthMetadata({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    scopes_supported: null,
  });
  const verifier = new StaticTokenVerifier(['token']);
  let booted: Booted | undefined;

  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  it('is mirrored at both forms of the standard place, for every page', async () => {
    booted = await boot(adapter, { customMetadata, verifier });
    for (const path of [METADATA, `${METADATA}/mcp`]) {
      const response = await fetch(`${booted.url}${path}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('content-type')).toContain(
        'application/json',
      );
      expect(await response.json()).toEqual(customMetadata);
      const preflight = await fetch(`${booted.url}${path}`, {
        method: 'OPTIONS',
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-methods')).toContain(
        'GET',
      );
    }
  });

  it('leaves clients that know better to its own issuer (RFC 9728)', async () => {
    booted = await boot(adapter, { customMetadata, verifier });
    const path = '/.well-known/oauth-protected-resource/mcp';
    expect(await read(`${booted.url}${path}`)).toMatchObject({
      authorization_servers: [issuer],
    });
  });

  it('is at `metadataPath` alone, where that is given', async () => {
    const metadataPath = '/oauth/metadata';
    booted = await boot(adapter, { customMetadata, verifier, metadataPath });
    expect(await read(`${booted.url}${metadataPath}`)).toEqual(customMetadata);
    expect((await fetch(`${booted.url}${METADATA}`)).status).toBe(404);
  });

  it('keeps to the path forms where there are several servers', async () => {
    booted = await boot(adapter, { customMetadata, verifier }, {}, ['/other']);
    expect(await read(`${booted.url}${METADATA}/other`)).toEqual(
      customMetadata,
    );
    expect((await fetch(`${booted.url}${METADATA}`)).status).toBe(404);
  });

  it('stops the application where nothing verifies what clients bring', async () => {
    await expect(
      boot(adapter, { customMetadata, verifier: false }),
    ).rejects.toThrow('there is no verifier, no provider and no guard');
    await expect(boot(adapter, { customMetadata })).rejects.toThrow(
      'auth has no verifier',
    );
  });

  it('is content with guards of the application', async () => {
    booted = await boot(
      adapter,
      { customMetadata, verifier: false },
      { guards: [new SomeGuard()] },
    );
    expect(await read(`${booted.url}${METADATA}`)).toEqual(customMetadata);
  });

  it('takes a global guard for one', async () => {
    class GuardedApp {}
    const module = {
      module: GuardedApp,
      imports: [
        McpModule.forRoot({
          auth: fromAuthConfig({ customMetadata, verifier: false }),
        }),
      ],
      controllers: [EchoController],
      providers: [{ provide: APP_GUARD, useClass: SomeGuard }],
    };
    const guarded = await bootApp(module, adapter);
    booted = { ...guarded, endpoint: `${guarded.url}/mcp` };
    expect(await read(`${booted.url}${METADATA}`)).toEqual(customMetadata);
  });

  it('is served by an open server with `enforce: false`', async () => {
    booted = await boot(adapter, { customMetadata, enforce: false });
    expect(await read(`${booted.url}${METADATA}`)).toEqual(customMetadata);
    const { isError } = await callTool(booted.endpoint, 'echo_read');
    expect(isError).toBe(false);
  });

  it('stops the application where it is wrong', async () => {
    const broken = { ...customMetadata, grant_types_supported: [] };
    await expect(
      boot(adapter, { customMetadata: broken, verifier }),
    ).rejects.toThrow('auth.customMetadata: grant_types_supported is an empty');
  });
});

describe.each(MAIN_TWO)('setupProxies on %s', (adapter) => {
  let upstream: UpstreamServer;
  let booted: Booted;

  beforeAll(async () => {
    const port = await freePort();
    const origin = `http://127.0.0.1:${port}`;
    upstream = await startUpstreamProvider([`${origin}/oauth/callback`]);
    const endpoint = `${origin}/mcp`;
    class ProxiedApp {}
    const imports = [
      McpModule.forRoot({
        name: 'proxied',
        auth: fromAuthConfig({
          resource: endpoint,
          setupProxies: true,
          metadataUrl: `${upstream.issuer}/.well-known/openid-configuration`,
          ...UPSTREAM_CLIENT,
          defaultScopes: ['openid', 'profile'],
          metadataPath: '/metadata',
        }),
      }),
    ];
    const controllers = [EchoController];
    const module = { module: ProxiedApp, imports, controllers };
    booted = { ...(await bootApp(module, adapter, { port })), endpoint };
  });
  afterAll(async () => {
    await booted?.close();
    await upstream?.close();
  });

  it('logs people in at the provider, and issues tokens of its own', async () => {
    const { url, endpoint } = booted;
    const client = new HandClient(url, endpoint, CLIENT_CALLBACK);
    const registered = await client.register();
    expect(registered.status).toBe(201);
    expect(await registered.json()).not.toHaveProperty('client_secret');
    const { prompts, callback } = await new Person('ada').visit(
      client.authorizationUrl(),
    );
    expect(prompts).toEqual(['allow', 'provider: login', 'provider: consent']);
    expect(callback.searchParams.get('iss')).toBe(booted.url);
    const code = callback.searchParams.get('code') ?? '';
    const response = await client.token({ code });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).not.toContain(UPSTREAM_CLIENT.clientSecret);
    const own = (JSON.parse(text) as Record<string, string>)['access_token'];
    const { text: echoed } = await callTool(endpoint, 'echo_read', undefined, {
      headers: { authorization: `Bearer ${own}` },
    });
    // The route gets the token of the provider, as its guards expect it.
    expect(echoed).toMatch(/"Bearer [\w-]+"/);
    expect(echoed).not.toContain(own);
  });

  it('serves its metadata at `metadataPath` too', async () => {
    const document = await read(`${booted.url}/metadata`);
    expect(document).toMatchObject({ issuer: booted.url });
    expect(document).toEqual(await read(`${booted.url}${METADATA}`));
  });

  it('does not log in directly with a provider that says who answers', async () => {
    await expect(
      boot(adapter, {
        setupProxies: true,
        callback: 'direct',
        issuer: upstream.issuer,
        ...UPSTREAM_CLIENT,
      }),
    ).rejects.toThrow(
      /authorization_response_iss_parameter_supported.*Leave out auth\.callback/,
    );
  });
});

describe.each(MAIN_TWO)("callback: 'direct' on %s", (adapter) => {
  let provider: DirectProvider;
  let booted: Booted | undefined;
  const answers: string[] = [];
  const realFetch = globalThis.fetch;

  beforeEach(async () => {
    provider = await startDirectProvider([
      CALLBACK,
      new OAuthStore([]).redirectUrl,
    ]);
    // Whatever any server sends to anybody but the provider is looked at.
    globalThis.fetch = async (input, init) => {
      const response = await realFetch(input, init);
      const copy = response.clone();
      const isEvents = (copy.headers.get('content-type') ?? '').includes(
        'event-stream',
      );
      answers.push(
        JSON.stringify([...copy.headers]) +
          (isEvents ? '' : await copy.text().catch(() => '')),
      );
      return response;
    };
  });
  afterEach(async () => {
    globalThis.fetch = realFetch;
    const { logger } = booted ?? {};
    await booted?.close();
    booted = undefined;
    await provider.close();
    const lines = (logger?.lines ?? []).map(({ text }) => text);
    for (const text of [...answers.splice(0), ...lines]) {
      expect(text).not.toContain(DIRECT_CLIENT.clientSecret);
      expect(text).not.toContain(
        encodeURIComponent(DIRECT_CLIENT.clientSecret),
      );
    }
  });

  const bootDirect = async (
    changes: AuthConfig = {},
    others: readonly string[] = [],
  ): Promise<Booted> => {
    const auth = (origin: string): AuthConfig => {
      provider.audience = `${origin}/mcp`;
      return {
        setupProxies: true,
        callback: 'direct',
        issuer: provider.issuer,
        ...DIRECT_CLIENT,
        defaultScopes: ['openid', 'notes:read'],
        ...changes,
      };
    };
    booted = await boot(adapter, auth, {}, others);
    return booted;
  };
  const clientOf = async ({ url, endpoint }: Booted): Promise<HandClient> => {
    const client = new HandClient(url, endpoint);
    await client.register();
    return client;
  };
  /** Goes where a browser would, to the client. */
  const visit = async (url: URL): Promise<URLSearchParams> => {
    const sent = await realFetch(url, { redirect: 'manual' });
    const at = new URL(sent.headers.get('location') ?? 'about:blank');
    if (at.href.startsWith(CALLBACK)) {
      return at.searchParams;
    }
    const back = await realFetch(at, { redirect: 'manual' });
    return new URL(back.headers.get('location') ?? 'about:blank').searchParams;
  };
  const logIn = async (client: HandClient): Promise<string> =>
    (await visit(client.authorizationUrl())).get('code') ?? '';

  it.each(OAUTH_CLIENTS)('is logged in through by %s', async (_name, kind) => {
    const { endpoint } = await bootDirect();
    const store = new OAuthStore(['authorization_code', 'refresh_token']);
    const client = kind.create(endpoint, store, globalThis.fetch);
    await expect(client.connect()).rejects.toThrow();
    const callback = await visit(store.authorizationUrl);
    await client.finish(callback);
    await client.connect();
    expect(await client.call('notes_read')).toContain('"ada"');
    await client.close();
    expect(store.registration).not.toHaveProperty('client_secret');
  });

  it('describes itself with what still holds of the provider', async () => {
    const { url } = await bootDirect();
    const response = await fetch(`${url}${METADATA}`);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      issuer: url,
      authorization_endpoint: `${url}/oauth/authorize`,
      token_endpoint: `${url}/oauth/token`,
      registration_endpoint: `${url}/oauth/register`,
      jwks_uri: `${provider.issuer}/jwks`,
      userinfo_endpoint: `${provider.issuer}/userinfo`,
      scopes_supported: ['openid', 'profile', 'email', 'notes:read'],
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
    });
    expect(
      await read(`${url}/.well-known/oauth-protected-resource/mcp`),
    ).toMatchObject({ authorization_servers: [url] });
  });

  it('has the path of its endpoint for an issuer beside other servers', async () => {
    const { url } = await bootDirect({}, ['/other']);
    for (const path of ['/mcp', '/other']) {
      expect(await read(`${url}${METADATA}${path}`)).toMatchObject({
        issuer: `${url}${path}`,
        authorization_endpoint: `${url}${path}/oauth/authorize`,
      });
      expect(
        await read(`${url}/.well-known/oauth-protected-resource${path}`),
      ).toMatchObject({ authorization_servers: [`${url}${path}`] });
    }
    expect((await fetch(`${url}${METADATA}`)).status).toBe(404);
    const first = new HandClient(`${url}/mcp`, `${url}/mcp`);
    await first.register();
    const second = new HandClient(`${url}/other`, `${url}/other`);
    second.clientId = first.clientId;
    const unknown = await fetch(second.authorizationUrl(), {
      redirect: 'manual',
    });
    expect(unknown.status).toBe(400);
    const response = await first.token({ code: await logIn(first) });
    expect(response.status).toBe(200);
  });

  it('serves at `metadataPath` too', async () => {
    const { url } = await bootDirect({ metadataPath: '/metadata' });
    expect(await read(`${url}/metadata`)).toEqual(
      await read(`${url}${METADATA}`),
    );
  });

  it('asks for the metadata once, and keeps it while the provider is down', async () => {
    const { url } = await bootDirect();
    const before = await read(`${url}${METADATA}`);
    const asked = provider.count('/.well-known/openid-configuration');
    provider.routes.set('/.well-known/openid-configuration', 'drop');
    expect(await read(`${url}${METADATA}`)).toEqual(before);
    expect(provider.count('/.well-known/openid-configuration')).toBe(asked);
  });

  it('answers 503 and when to come back where the provider never did', async () => {
    provider.routes.set('/.well-known/oauth-authorization-server', 'drop');
    const { url, logger } = await bootDirect();
    const response = await fetch(`${url}${METADATA}`);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'the identity provider cannot be used now',
    });
    expect(logger.of('warn').join()).toContain('cannot be reached');
  });

  it('registers public clients, the same under the same id', async () => {
    const { url, endpoint } = await bootDirect();
    const client = new HandClient(url, endpoint);
    const response = await client.register({
      token_endpoint_auth_method: 'client_secret_post',
    });
    expect(response.status).toBe(201);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      client_id: client.clientId,
      client_id_issued_at: expect.any(Number),
      client_name: 'Hand client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    });
    const id = client.clientId;
    await client.register();
    expect(client.clientId).toBe(id);
    expect(id).not.toBe(DIRECT_CLIENT.clientId);
  });

  it.each([
    [{ redirect_uris: ['https://evil.example/cb'] }, 'invalid_redirect_uri'],
    [{ redirect_uris: ['javascript:alert(1)'] }, 'invalid_redirect_uri'],
    [{ redirect_uris: [] }, 'invalid_redirect_uri'],
    [{ redirect_uris: undefined }, 'invalid_redirect_uri'],
    [{ grant_types: ['client_credentials'] }, 'invalid_client_metadata'],
    [{ response_types: ['token'] }, 'invalid_client_metadata'],
    [{ client_name: 7 }, 'invalid_client_metadata'],
  ])('registers nobody with %j', async (metadata, error) => {
    const { url, endpoint } = await bootDirect();
    const response = await new HandClient(url, endpoint).register(metadata);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });

  it('registers what is allowed of what a client writes (RFC 7591, section 3.2.1)', async () => {
    const { url, endpoint } = await bootDirect();
    const client = new HandClient(url, endpoint);
    const response = await client.register({
      application_type: 'web',
      client_name: null,
      redirect_uris: ['https://evil.example/cb', CALLBACK],
      grant_types: ['authorization_code', 'implicit'],
      response_types: ['code', 'token'],
      scope: 'openid claudeai',
      logo_uri: '',
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      client_name: 'MCP client',
      redirect_uris: [CALLBACK],
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const unset = { grant_types: null, response_types: [] };
    expect((await client.register(unset)).status).toBe(201);
    const refused = await client.register({ redirect_uris: ['my-app://cb'] });
    expect(await refused.json()).toMatchObject({
      error: 'invalid_redirect_uri',
      error_description: expect.stringMatching(
        /my-app:\/\/cb .*registration\.redirectUris/,
      ) as string,
    });
  });

  it('sends the provider its own client, all default scopes and the PKCE of the client', async () => {
    const client = await clientOf(await bootDirect());
    const url = client.authorizationUrl({
      scope: 'notes:write openid',
      nonce: 'n',
      client_secret: 'x',
    });
    const callback = await visit(url);
    expect(callback.get('state')).toBe('state-of-client');
    expect(provider.logins).toEqual([
      {
        response_type: 'code',
        client_id: DIRECT_CLIENT.clientId,
        redirect_uri: CALLBACK,
        scope: 'notes:write openid notes:read',
        state: 'state-of-client',
        code_challenge: url.searchParams.get('code_challenge'),
        code_challenge_method: 'S256',
        resource: client.resource,
      },
    ]);
  });

  it('says `audience` in place of `resource` where the provider names APIs so', async () => {
    const verifier = new StaticTokenVerifier(['t']);
    const client = await clientOf(
      await bootDirect({ audience: 'urn:api', verifier }),
    );
    await client.token({
      code: await logIn(client),
      resource: client.resource,
    });
    expect(provider.logins).toMatchObject([{ audience: 'urn:api' }]);
    for (const request of [...provider.logins, ...provider.redemptions]) {
      expect(request).not.toHaveProperty('resource');
    }
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ["the provider's own client", { client_id: DIRECT_CLIENT.clientId }],
    ['an unregistered redirect URI', { redirect_uri: `${CALLBACK}/other` }],
    ['another port', { redirect_uri: CALLBACK.replace('7777', '7778') }],
    ['no redirect URI', { redirect_uri: undefined }],
  ])('redirects nobody for %s', async (_name, changes) => {
    const client = await clientOf(await bootDirect());
    const response = await fetch(client.authorizationUrl(changes), {
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(provider.logins).toEqual([]);
  });

  it.each([
    ['no PKCE', { code_challenge: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['a short challenge', { code_challenge: 'short' }, 'invalid_request'],
    ['a token', { response_type: 'token' }, 'unsupported_response_type'],
    ['a fragment', { response_mode: 'fragment' }, 'invalid_request'],
    [
      'another resource',
      { resource: 'https://other.example.com/mcp' },
      'invalid_target',
    ],
  ])(
    'tells the person of a client that asks for %s, and redirects nobody (RFC 9700, section 4.11.2)',
    async (_name, changes, error) => {
      const client = await clientOf(await bootDirect());
      const response = await fetch(client.authorizationUrl(changes), {
        redirect: 'manual',
      });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain(`(${error})`);
      expect(provider.logins).toEqual([]);
    },
  );

  it('hands out known members of the answer alone, never to be cached', async () => {
    const client = await clientOf(await bootDirect());
    const response = await client.token({
      code: await logIn(client),
      client_secret: 'mine',
      audience: 'urn:other',
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: expect.any(String),
      scope: 'openid notes:read',
    });
    expect(provider.redemptions).toEqual([
      {
        grant_type: 'authorization_code',
        code: expect.any(String),
        redirect_uri: CALLBACK,
        code_verifier: client.verifier,
        resource: client.resource,
      },
    ]);
  });

  it('accepts the token of the provider at the endpoint', async () => {
    const server = await bootDirect({ requiredScopes: ['notes:read'] });
    const client = await clientOf(server);
    const response = await client.token({ code: await logIn(client) });
    const { access_token } = (await response.json()) as Json;
    const { text } = await callTool(server.endpoint, 'notes_read', undefined, {
      headers: { authorization: `Bearer ${String(access_token)}` },
    });
    expect(text).toContain('"ada"');
  });

  it('refreshes for the client that got the token, with what replaced it', async () => {
    const server = await bootDirect();
    const client = await clientOf(server);
    const first = (await (
      await client.token({ code: await logIn(client) })
    ).json()) as Record<string, string>;
    const other = new HandClient(server.url, server.endpoint);
    await other.register({ client_name: 'Another' });
    const refresh_token = first['refresh_token'];
    const stolen = await other.token({ refresh_token });
    expect(stolen.status).toBe(400);
    expect(await stolen.json()).toMatchObject({ error: 'invalid_grant' });
    const renewed = await client.token({ refresh_token });
    expect(renewed.status).toBe(200);
    const second = (await renewed.json()) as Record<string, string>;
    expect(second['refresh_token']).not.toBe(refresh_token);
    // As a client that lost the answer, or two processes of one, would.
    const again = await client.token({ refresh_token });
    expect(await again.json()).toEqual(second);
    const other_scope = await client.token({ refresh_token, scope: 'less' });
    expect(other_scope.status).toBe(400);
    const next = await client.token({ refresh_token: second['refresh_token'] });
    expect(next.status).toBe(200);
  });

  it('asks the provider once for a refresh token that comes several times at once', async () => {
    const server = await bootDirect();
    const client = await clientOf(server);
    const { refresh_token } = (await (
      await client.token({ code: await logIn(client) })
    ).json()) as Record<string, string>;
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const answer = await client.token({ refresh_token });
        return JSON.stringify([answer.status, await answer.json()]);
      }),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('200');
  });

  it.each<[string, Record<string, string | undefined>, number, string]>([
    ['no verifier', { code_verifier: undefined }, 400, 'invalid_request'],
    ['a short verifier', { code_verifier: 'x' }, 400, 'invalid_grant'],
    [
      'another verifier',
      { code_verifier: 'v'.repeat(43) },
      400,
      'invalid_grant',
    ],
    [
      'another redirect URI',
      { redirect_uri: `${CALLBACK}/other` },
      400,
      'invalid_grant',
    ],
    ['no redirect URI', { redirect_uri: undefined }, 400, 'invalid_request'],
    ['no code', { code: undefined }, 400, 'invalid_request'],
    ['no client', { client_id: undefined }, 401, 'invalid_client'],
    [
      "the provider's client",
      { client_id: DIRECT_CLIENT.clientId },
      401,
      'invalid_client',
    ],
    [
      'another resource',
      { resource: 'https://other.example.com' },
      400,
      'invalid_target',
    ],
    ...['client_credentials', 'password', 'implicit'].map(
      (grant_type): [string, Record<string, string>, number, string] => [
        `the grant ${grant_type}`,
        { grant_type },
        400,
        'unsupported_grant_type',
      ],
    ),
  ])(
    'asks the provider for nothing with %s',
    async (_n, form, status, error) => {
      const client = await clientOf(await bootDirect());
      const response = await client.token({
        code: await logIn(client),
        ...form,
      });
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error });
      expect(provider.redemptions).toEqual([]);
    },
  );

  it('gives the code of one client to no other', async () => {
    const server = await bootDirect();
    const client = await clientOf(server);
    const code = await logIn(client);
    const other = new HandClient(server.url, server.endpoint);
    await other.register({ client_name: 'Another' });
    const response = await other.token({
      code,
      code_verifier: client.verifier,
    });
    expect(await response.json()).toMatchObject({ error: 'invalid_grant' });
    expect(provider.redemptions).toEqual([]);
  });

  it('redeems a code once', async () => {
    const client = await clientOf(await bootDirect());
    const code = await logIn(client);
    const statuses = await Promise.all(
      [1, 2, 3].map(async () => (await client.token({ code })).status),
    );
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400, 400]);
  });

  it.each([
    [
      'the secret has changed',
      {
        status: 401,
        json: {
          error: 'invalid_client',
          error_description: DIRECT_CLIENT.clientSecret,
        },
      },
    ],
    ['it is broken', { status: 500, text: DIRECT_CLIENT.clientSecret }],
    ['it sends garbage', { text: '<html>' }],
    ['it sends no token', { json: { token_type: 'Bearer' } }],
    ['it sends 10 MB', { text: 'x'.repeat(10_000_000) }],
    ['it hangs up', 'drop' as const],
  ])('answers 503 and when to come back where %s', async (_name, reply) => {
    const server = await bootDirect();
    const client = await clientOf(server);
    const code = await logIn(client);
    provider.routes.set('/token', reply);
    const response = await client.token({ code });
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await response.json()).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'the identity provider gave no usable answer',
    });
    expect(server.logger.of('error').join()).toContain('identity provider');
  });

  it.each<[string, Json, RegExp]>([
    [
      'advertises iss',
      { authorization_response_iss_parameter_supported: true },
      /iss_parameter_supported.*Leave out auth\.callback/,
    ],
    [
      'has no S256',
      { code_challenge_methods_supported: ['plain'] },
      /code_challenge_methods_supported of its metadata has no "S256"/,
    ],
    [
      'says nothing of PKCE',
      { code_challenge_methods_supported: undefined },
      /has no "S256"/,
    ],
    [
      'takes no secret',
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      /takes no client secret/,
    ],
    ['has no token endpoint', { token_endpoint: undefined }, /token_endpoint/],
    [
      'knows no codes',
      { grant_types_supported: ['client_credentials'] },
      /grant_types_supported of its metadata has no/,
    ],
  ])(
    'does not start with a provider that %s',
    async (_name, changes, found) => {
      provider.describe(changes);
      await expect(bootDirect()).rejects.toThrow(found);
    },
  );

  it('does not start with a provider that sends iss without saying so', async () => {
    provider.sendsIss = true;
    await expect(
      bootDirect({
        authorizationServer: { registration: { redirectUris: [CALLBACK] } },
      }),
    ).rejects.toThrow(/it sends iss to clients.*Leave out auth\.callback/);
  });

  it('logs nobody in where the provider turns out to send iss', async () => {
    provider.sendsIss = true;
    const server = await bootDirect();
    const client = await clientOf(server);
    const response = await fetch(client.authorizationUrl(), {
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('(server_error)');
    expect(provider.logins).toEqual([]);
    expect(server.logger.of('error').join()).toContain(
      'Leave out auth.callback',
    );
  });

  it('keeps clients in the store, for a day until they are used', async () => {
    const store = new MemoryOAuthStore();
    const lifetimes = new Map<string, number | undefined>();
    const set = store.set.bind(store);
    store.set = (key, value, lifetime) => {
      lifetimes.set(key.split(':')[2] ?? '', lifetime);
      return set(key, value, lifetime);
    };
    const client = await clientOf(
      await bootDirect({ authorizationServer: { store } }),
    );
    expect(lifetimes.get('client')).toBe(86_400);
    await client.token({ code: await logIn(client) });
    await until(() => lifetimes.get('client') === 31_536_000);
    await client.register();
    expect(lifetimes.get('client')).toBe(31_536_000);
    expect(lifetimes.get('login')).toBe(3600);
    expect(lifetimes.get('refresh')).toBe(31_536_000);
  });

  it.each([
    ['GET', '/oauth/token', 405],
    ['GET', '/oauth/register', 405],
    ['POST', '/oauth/authorize', 405],
    ['OPTIONS', '/oauth/token', 204],
    ['OPTIONS', METADATA, 204],
    ['HEAD', METADATA, 200],
    ['POST', METADATA, 405],
  ])('answers %s %s with %d', async (method, path, status) => {
    const { url } = await bootDirect();
    const response = await fetch(`${url}${path}`, { method });
    expect(response.status).toBe(status);
  });

  it('wants the initial access token where there is one', async () => {
    const initialAccessToken = 'let-me-register-please';
    const { url } = await bootDirect({
      authorizationServer: { registration: { initialAccessToken } },
    });
    const register = (authorization: string) =>
      fetch(`${url}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ redirect_uris: [CALLBACK] }),
      });
    expect((await register('Bearer no')).status).toBe(401);
    expect((await register(`Bearer ${initialAccessToken}`)).status).toBe(201);
  });
});
