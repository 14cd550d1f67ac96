import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import {
  ApiKeyAuth,
  BearerAuth,
  ClientCredentialsAuth,
  type ClientCredentialsAuthOptions,
  loadToken,
  McpConnectionError,
  McpInsufficientScopeError,
  McpUnauthorizedError,
  RedisTokenStore,
} from '../../lib/client/index.js';
import { WorkshopModule } from '../fixtures/client/workshop.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import {
  CLIENT,
  type IssuerControls,
  startClientIssuer,
} from '../support/client-issuer.js';
import { freePort } from '../support/free-port.js';
import { ERAS } from '../support/json-rpc.js';
import { startLoopbackServer } from '../support/loopback-server.js';
import { bootClients } from '../support/mcp-client.js';
import { redisAvailable, startRedis } from '../support/redis-server.js';
import type { UpstreamServer } from '../support/upstream-provider.js';

const controls: IssuerControls = { lifetime: 300 };
const KEY_CLIENT = 'signs-with-a-key';
/** Where the issuer finds the key of that client. */
let keyServer: Awaited<ReturnType<typeof startLoopbackServer>>;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let issuer: UpstreamServer;
let server: BootedApp;
let url: string;
const tokenRequests = (): number =>
  issuer.requests.filter((request) => request === 'POST /token').length;
const auth = (
  options: Partial<ClientCredentialsAuthOptions> = {},
): ClientCredentialsAuth =>
  new ClientCredentialsAuth({ ...CLIENT, issuer: issuer.issuer, ...options });

beforeAll(async () => {
  keys = await generateKeyPair('ES256', { extractable: true });
  keyServer = await startLoopbackServer();
  keyServer.routes.set('/jwks', {
    json: { keys: [await exportJWK(keys.publicKey)] },
  });
  issuer = await startClientIssuer(controls, {
    clients: [
      {
        client_id: KEY_CLIENT,
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks_uri: `${keyServer.origin}/jwks`,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
      },
    ],
    clientAuthMethods: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
  });
  const port = await freePort();
  url = `http://127.0.0.1:${port}/mcp`;
  server = await bootApp(
    WorkshopModule.with({
      auth: {
        resource: url,
        authorizationServers: [issuer.issuer],
        verifier: {
          issuer: issuer.issuer,
          jwksUri: `${issuer.issuer}/jwks`,
        },
        requiredScopes: ['workshop:use'],
      },
    }),
    'express',
    { ...UNHELD, port },
  );
});
afterAll(async () => {
  await server.close();
  await issuer.close();
  await keyServer.close();
});

describe.each(ERAS)('ClientCredentialsAuth, in the %s era', (era) => {
  it.each([
    ['the issuer that the server names', {}],
    ['any issuer that the server names first', { issuer: undefined }],
    ['a token endpoint', { issuer: undefined, tokenUrl: 'token' }],
  ])('gets a token from %s, once for 50 calls', async (_name, options) => {
    const before = tokenRequests();
    const calling = await bootClients({
      workshop: {
        url,
        era,
        auth: auth({
          scope: 'workshop:use',
          ...options,
          ...('tokenUrl' in options && {
            tokenUrl: `${issuer.issuer}/token`,
          }),
        }),
      },
    });
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        calling.client('workshop').callTool('greet', { name: `n${index}` }),
      ),
    );
    expect(results).toHaveLength(50);
    expect(tokenRequests() - before).toBe(1);
    await calling.close();
  });

  it('gets a new token before the old one ends, and when the server refuses it, once for 50 calls', async () => {
    const credentials = auth();
    const calling = await bootClients({
      workshop: { url, era, auth: credentials },
    });
    const client = calling.client('workshop');
    controls.lifetime = 2;
    await client.callTool('greet', { name: 'Ada' });
    const first = await credentials.getToken();
    controls.lifetime = 300;
    await new Promise((resolve) => setTimeout(resolve, 2200));
    const before = tokenRequests();
    await Promise.all(
      Array.from({ length: 50 }, () =>
        client.callTool('greet', { name: 'Bo' }),
      ),
    );
    expect(tokenRequests() - before).toBe(1);
    expect(await credentials.getToken()).not.toBe(first);
    await calling.close();
  });
});

describe('ClientCredentialsAuth', () => {
  it('gives its token for other requests', async () => {
    const credentials = auth({
      issuer: undefined,
      tokenUrl: `${issuer.issuer}/token`,
      resource: url,
      scope: ['workshop:use'],
    });
    const before = tokenRequests();
    const token = await credentials.getToken();
    expect(token.split('.')).toHaveLength(3);
    expect(await credentials.getToken()).toBe(token);
    expect(tokenRequests() - before).toBe(1);
  });

  it('says that the issuer refuses, and keeps the secret to itself', async () => {
    const calling = await bootClients({
      workshop: { url, auth: auth({ clientSecret: 'wrong-secret' }) },
    });
    const failure = await calling
      .client('workshop')
      .ping()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(McpUnauthorizedError);
    expect(String(failure)).toContain('invalid_client');
    expect(String(failure)).not.toContain('wrong-secret');
    await calling.close();
  });

  it.each(['PEM', 'JWK'])(
    'proves itself with a private key as %s, in place of a secret',
    async (format) => {
      const before = tokenRequests();
      const calling = await bootClients({
        workshop: {
          url,
          auth: new ClientCredentialsAuth({
            clientId: KEY_CLIENT,
            issuer: issuer.issuer,
            scope: 'workshop:use',
            privateKey:
              format === 'PEM'
                ? await exportPKCS8(keys.privateKey)
                : { ...(await exportJWK(keys.privateKey)), alg: 'ES256' },
            ...(format === 'PEM' && { algorithm: 'ES256' }),
          }),
        },
      });
      await calling.client('workshop').ping();
      expect(tokenRequests() - before).toBe(1);
      await calling.close();
    },
  );

  it('is refused with another key than its own', async () => {
    const other = await generateKeyPair('ES256', { extractable: true });
    const calling = await bootClients({
      workshop: {
        url,
        auth: new ClientCredentialsAuth({
          clientId: KEY_CLIENT,
          issuer: issuer.issuer,
          privateKey: await exportPKCS8(other.privateKey),
          algorithm: 'ES256',
        }),
      },
    });
    await expect(calling.client('workshop').ping()).rejects.toThrow(
      'invalid_client',
    );
    await calling.close();
  });

  it.each(['clientSecret', 'privateKey'])(
    'asks for an audience in place of a resource, with %s',
    async (proof) => {
      const endpoint = await startLoopbackServer();
      endpoint.routes.set('/token', {
        json: { access_token: 'of-audience', token_type: 'Bearer' },
      });
      const credentials = new ClientCredentialsAuth({
        clientId: 'shop',
        tokenUrl: `${endpoint.origin}/token`,
        audience: 'https://api.example.com',
        ...(proof === 'clientSecret'
          ? { clientSecret: 'a-secret' }
          : {
              privateKey: await exportPKCS8(keys.privateKey),
              algorithm: 'ES256',
            }),
      });
      expect(await credentials.getToken()).toBe('of-audience');
      const form = new URLSearchParams(endpoint.requests[0]?.body);
      expect(form.get('audience')).toBe('https://api.example.com');
      expect(form.has('resource')).toBe(false);
      expect(form.has('client_assertion')).toBe(proof === 'privateKey');
      await endpoint.close();
    },
  );

  it('keeps the credentials from another issuer than theirs', async () => {
    const other = await startLoopbackServer();
    const calling = await bootClients({
      workshop: { url, auth: auth({ issuer: other.origin }) },
    });
    await expect(calling.client('workshop').ping()).rejects.toThrow(
      'the server names another issuer',
    );
    expect(other.requests).toEqual([]);
    await calling.close();
    await other.close();
  });

  it('binds its tokens to a key, where dpop is set', async () => {
    const calling = await bootClients({
      workshop: { url, auth: auth({ dpop: true }) },
    });
    expect(
      (await calling.client('workshop').callTool('greet', { name: 'Ada' }))
        .text,
    ).toContain('Ada');
    await calling.close();
  });

  it.each([
    [{ clientId: '' }, 'clientId is an empty text'],
    [{ clientSecret: undefined }, 'neither clientSecret nor privateKey'],
    [{ privateKey: 'a' }, 'clientSecret and privateKey'],
    [{ tokenUrl: 'http://login.example.com' }, 'absolute https URL'],
    [{ scope: ['a"b'] }, 'no scope'],
    [{ audiences: 'a' }, 'Did you mean audience?'],
  ])('refuses %j', (options, message) => {
    expect(() => auth(options as never)).toThrow(message);
  });
});

describe('BearerAuth', () => {
  it('sends a token, and gives the header', async () => {
    const token = await auth({
      tokenUrl: `${issuer.issuer}/token`,
      resource: url,
      scope: 'workshop:use',
    }).getToken();
    const bearer = new BearerAuth(token);
    expect(await bearer.getHeaders()).toEqual({
      Authorization: `Bearer ${token}`,
    });
    const calling = await bootClients({ workshop: { url, auth: bearer } });
    await calling.client('workshop').ping();
    await calling.close();
  });

  it('asks its function once more when the server answers 401, and then says so', async () => {
    let asked = 0;
    const calling = await bootClients({
      workshop: {
        url,
        auth: new BearerAuth(() => `stale-${(asked += 1)}`),
      },
    });
    const failure = await calling
      .client('workshop')
      .ping()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(McpUnauthorizedError);
    expect(failure).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('resource_metadata='),
    });
    expect(String(failure)).toContain('401');
    expect(String(failure)).not.toContain('stale');
    expect(asked).toBe(2);
    await calling.close();
  });

  it('names the scopes that a token lacks', async () => {
    const token = await auth({
      tokenUrl: `${issuer.issuer}/token`,
      resource: url,
      scope: 'workshop:write',
    }).getToken();
    const calling = await bootClients({
      workshop: { url, auth: new BearerAuth(token) },
    });
    const failure = await calling
      .client('workshop')
      .ping()
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(McpInsufficientScopeError);
    expect(failure).toMatchObject({ status: 403, scopes: ['workshop:use'] });
    await calling.close();
  });

  it.each(['', 'Bearer abc', 7])('refuses %j', (token) => {
    expect(() => new BearerAuth(token as string)).toThrow('BearerAuth');
  });
});

describe('credentials', () => {
  it.each([301, 302, 307, 308])(
    'do not follow a redirect with %d to another origin',
    async (status) => {
      const [here, elsewhere] = [
        await startLoopbackServer(),
        await startLoopbackServer(),
      ];
      here.routes.set('/mcp', {
        status,
        headers: { location: `${elsewhere.origin}/mcp` },
      });
      const calling = await bootClients({
        here: {
          url: `${here.origin}/mcp`,
          auth: new BearerAuth('the-token'),
          headers: { 'x-tenant': 'a' },
          retry: { attempts: 0 },
        },
      });
      await expect(calling.client('here').ping()).rejects.toThrow(
        McpConnectionError,
      );
      expect(here.requests[0]?.headers.authorization).toBe('Bearer the-token');
      expect(elsewhere.requests).toEqual([]);
      await calling.close();
      await here.close();
      await elsewhere.close();
    },
  );

  it('of an API key go in a header of their own', async () => {
    const here = await startLoopbackServer();
    const calling = await bootClients({
      here: {
        url: `${here.origin}/mcp`,
        auth: new ApiKeyAuth('the-key', { header: 'x-workshop-key' }),
      },
    });
    await calling
      .client('here')
      .ping()
      .catch(() => undefined);
    expect(here.requests[0]?.headers).toMatchObject({
      'x-workshop-key': 'the-key',
    });
    expect(here.requests[0]?.headers.authorization).toBeUndefined();
    await calling.close();
    await here.close();
  });
});

describe('loadToken', () => {
  const { HOME, MCP_AUTH_TOKEN } = process.env;
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'load-token-'));
    process.env['HOME'] = home;
    delete process.env['MCP_AUTH_TOKEN'];
  });
  afterEach(async () => {
    process.env['HOME'] = HOME;
    if (MCP_AUTH_TOKEN !== undefined) {
      process.env['MCP_AUTH_TOKEN'] = MCP_AUTH_TOKEN;
    }
    await rm(home, { recursive: true });
  });
  const write = async (mode: number): Promise<void> => {
    const folder = join(home, '.config', 'mcp');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'token'), 'of-the-file\n');
    await chmod(join(folder, 'token'), mode);
  };

  it('takes the environment, and else the file', async () => {
    await write(0o600);
    expect(await loadToken()).toBe('of-the-file');
    process.env['MCP_AUTH_TOKEN'] = 'of-the-environment';
    expect(await loadToken()).toBe('of-the-environment');
    delete process.env['MCP_AUTH_TOKEN'];
  });

  it('refuses a file that others can read', async () => {
    await write(0o644);
    await expect(loadToken()).rejects.toThrow('chmod 600');
  });

  it('names both places where there is no token', async () => {
    await expect(loadToken()).rejects.toThrow(
      /No authentication token found.*MCP_AUTH_TOKEN.*\.config\/mcp\/token/,
    );
  });
});

(redisAvailable() ? describe : describe.skip)('RedisTokenStore', () => {
  it('keeps tokens for all instances, encrypted', async () => {
    const redis = await startRedis();
    const client = createClient({ url: redis.url });
    await client.connect();
    const secrets = ['a secret of more than thirty-two characters'];
    const before = tokenRequests();
    for (let instance = 0; instance < 2; instance += 1) {
      const calling = await bootClients(
        { workshop: { url, auth: auth() } },
        { tokenStore: new RedisTokenStore({ client, secrets }) },
      );
      await calling.client('workshop').ping();
      await calling.close();
    }
    expect(tokenRequests() - before).toBe(1);
    const [key = ''] = await client.keys('mcp:client:*');
    expect(key).not.toContain(CLIENT.clientId);
    expect((await client.get(key))?.split('.')).toHaveLength(5);
    const store = new RedisTokenStore({ client, secrets });
    await store.set('once', { a: 1 }, 60_000);
    expect(await Promise.all([store.take('once'), store.take('once')])).toEqual(
      [{ a: 1 }, undefined],
    );
    const other = new RedisTokenStore({
      client,
      secrets: ['another secret of more than thirty-two characters'],
    });
    expect(await other.get(key.slice('mcp:client:'.length))).toBeUndefined();
    client.destroy();
    await redis.stop();
  });

  it.each([
    [{ client: {}, secrets: [] }, 'client is no Redis client'],
    [{ client: { set: () => 1 }, secrets: ['short'] }, '32 characters'],
  ])('refuses %j', (options, message) => {
    expect(() => new RedisTokenStore(options as never)).toThrow(message);
  });
});
