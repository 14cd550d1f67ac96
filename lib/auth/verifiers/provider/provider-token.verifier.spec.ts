import { inspect } from 'node:util';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../../test/support/frozen-time.js';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../../../test/support/loopback-server.js';
import {
  createSigningKey,
  type SigningKey,
} from '../../../../test/support/signing-key.js';
import type { ProviderVerifierOptions } from './provider-options.interface.js';
import { ProviderTokenVerifier } from './provider-token.verifier.js';

const OAUTH = '/.well-known/oauth-authorization-server';

let server: LoopbackServer;
let key: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
});
beforeEach(async () => {
  server = await startLoopbackServer();
  server.routes.set('/jwks', { json: { keys: [key.jwk] } });
  server.routes.set('/introspect', {
    json: { active: true, sub: 'introspected', aud: 'api' },
  });
});
afterEach(async () => {
  releaseTime();
  await server.close();
});

const paths = () => server.requests.map(({ path }) => path);
const verifier = (options: ProviderVerifierOptions) =>
  new ProviderTokenVerifier({ audience: 'api', ...options });
const jwt = (iss = server.origin) =>
  key.sign({ iss, aud: 'api', sub: 'by key', exp: Date.now() / 1000 + 9999 });
const metadata = (changes: object = {}, path = '') =>
  server.routes.set(OAUTH + path, {
    json: {
      issuer: server.origin + path,
      token_endpoint: `${server.origin}${path}/token`,
      authorization_endpoint: `${server.origin}${path}/authorize`,
      jwks_uri: `${server.origin}/jwks`,
      ...changes,
    },
  });
const client = { clientId: 'atlas', clientSecret: 'hunter2' };
const byKey = { subject: 'by key' };
const introspected = { subject: 'introspected' };

describe('ProviderTokenVerifier with all settings', () => {
  it('checks by keys where jwksUri is given, and asks for no metadata', async () => {
    const keys = verifier({
      ...client,
      issuer: server.origin,
      jwksUri: `${server.origin}/jwks`,
      introspectionEndpoint: `${server.origin}/introspect`,
    });
    await keys.prepare();
    await expect(keys.verify(await jwt())).resolves.toMatchObject(byKey);
    await expect(
      keys.verify(await jwt('https://evil.example')),
    ).rejects.toMatchObject({ reason: 'issuer' });
    expect(paths()).toEqual(['/jwks']);
  });

  it('introspects where it is not', async () => {
    const asking = verifier({
      ...client,
      introspectionEndpoint: `${server.origin}/introspect`,
      authMethod: 'client_secret_post',
      cache: { ttl: 60 },
    });
    await asking.prepare();
    await expect(asking.verify('t')).resolves.toMatchObject(introspected);
    await asking.verify('t');
    expect(paths()).toEqual(['/introspect']);
    expect(server.requests[0]?.body).toContain('client_secret=hunter2');
  });

  it('passes every option on', async () => {
    const settings = {
      issuer: server.origin,
      jwksUri: `${server.origin}/jwks`,
    };
    expect(() => verifier({ ...settings, algorithms: ['HS256'] })).toThrow(
      'algorithms has "HS256"',
    );
    const token = await key.sign({
      iss: server.origin,
      aud: 'other',
      uid: 'ada',
      exp: Math.floor(Date.now() / 1000) - 3,
    });
    await expect(
      verifier({
        ...settings,
        audience: 'other',
        clockTolerance: 9,
        claims: { subject: 'uid' },
      }).verify(token),
    ).resolves.toMatchObject({ subject: 'ada' });
    server.routes.set('/jwks', 'hang');
    await expect(
      verifier({ ...settings, timeout: 20 }).verify(await jwt()),
    ).rejects.toMatchObject({ cause: { failure: 'timeout' } });
    await expect(
      verifier({ ...settings, jwks: { timeout: 20 } }).verify(await jwt()),
    ).rejects.toMatchObject({ cause: { failure: 'timeout' } });
  }, 4000);

  it('passes the options of introspection on', async () => {
    server.routes.set('/introspect', {
      json: {
        active: true,
        aud: 'other',
        uid: 'ada',
        exp: Math.floor(Date.now() / 1000) - 3,
      },
    });
    const settings = {
      ...client,
      introspectionEndpoint: `${server.origin}/introspect`,
    };
    await expect(
      verifier({
        ...settings,
        audience: 'other',
        clockTolerance: 9,
        claims: { subject: 'uid' },
      }).verify('t'),
    ).resolves.toMatchObject({ subject: 'ada' });
    server.routes.set('/introspect', 'hang');
    await expect(
      verifier({ ...settings, timeout: 20 }).verify('t'),
    ).rejects.toMatchObject({ cause: { failure: 'timeout' } });
  }, 4000);

  it('passes on what is known of the request', async () => {
    const bound = verifier({
      audience: undefined,
      issuer: server.origin,
      jwksUri: `${server.origin}/jwks`,
    });
    await expect(
      bound.verify(await jwt(), { audience: ['api'] }),
    ).resolves.toMatchObject(byKey);
    await expect(bound.verify(await jwt())).rejects.toMatchObject({
      reason: 'audience',
    });
  });

  it('tells how tokens are bound, and which scopes they need', () => {
    const settings = { issuer: server.origin, scope: ['mcp:access'] };
    expect(verifier(settings)).toMatchObject({
      audienceBinding: 'claim',
      requiredScopes: ['mcp:access'],
    });
    expect(verifier({ ...settings, audience: false })).toMatchObject({
      audienceBinding: 'waived',
    });
    expect(verifier({ issuer: server.origin, scopes: ['a'] })).toMatchObject({
      requiredScopes: ['a'],
    });
    expect(verifier({ issuer: server.origin }).requiredScopes).toEqual([]);
  });
});

describe('ProviderTokenVerifier that finds the provider', () => {
  it('by its issuer', async () => {
    metadata();
    const found = verifier({ issuer: server.origin });
    await found.prepare();
    await expect(found.verify(await jwt())).resolves.toMatchObject(byKey);
  });

  it.each(['tokenEndpoint', 'tokenUrl', 'authorizationEndpoint'] as const)(
    'by its %s',
    async (name) => {
      metadata();
      const end = name === 'authorizationEndpoint' ? 'authorize' : 'token';
      const found = verifier({ [name]: `${server.origin}/${end}` });
      await expect(found.verify(await jwt())).resolves.toMatchObject(byKey);
      await expect(
        found.verify(await jwt('https://evil.example')),
      ).rejects.toMatchObject({ reason: 'issuer' });
    },
  );

  it('by a token endpoint deep below the issuer', async () => {
    const tokenUrl = `${server.origin}/realms/atlas/protocol/token`;
    metadata({ token_endpoint: tokenUrl }, '/realms/atlas');
    const found = verifier({ tokenUrl });
    await expect(
      found.verify(await jwt(`${server.origin}/realms/atlas`)),
    ).resolves.toMatchObject(byKey);
  });

  it('with the origin first, then up to four segments of the endpoint', async () => {
    await expect(
      verifier({ tokenUrl: `${server.origin}/a/b/c/d/e/token` }).prepare(),
    ).rejects.toThrow('No metadata was found');
    expect(paths().filter((path) => path.startsWith(OAUTH))).toEqual(
      ['', '/a', '/a/b', '/a/b/c', '/a/b/c/d'].map((path) => OAUTH + path),
    );
  });

  it('and takes an outage on the way for no answer', async () => {
    server.routes.set(OAUTH, { status: 503 });
    const found = verifier({ tokenUrl: `${server.origin}/token` });
    await expect(found.prepare()).resolves.toBeUndefined();
    await expect(found.verify('t')).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
    });
    expect(paths()).toEqual([OAUTH]);
  });

  it('has the issuer that is configured, or was found', async () => {
    metadata();
    expect(verifier({ issuer: 'https://a.example' }).issuers).toEqual([
      'https://a.example',
    ]);
    const found = verifier({ tokenUrl: `${server.origin}/token` });
    expect(found.issuers).toStrictEqual([]);
    await found.prepare();
    expect(found.issuers).toEqual([server.origin]);
    expect(found.accepts).toEqual([
      { issuer: server.origin, audience: ['api'] },
    ]);
  });

  it('has found all but the keys once it is prepared', async () => {
    metadata();
    const found = verifier({ issuer: server.origin });
    await found.prepare();
    const before = server.count(OAUTH);
    await found.verify(await jwt());
    expect(server.count(OAUTH)).toBe(before);
    expect(server.count('/jwks')).toBe(1);
  });

  it('by a token endpoint whose issuer ends in a slash', async () => {
    metadata({ issuer: `${server.origin}/` });
    const found = verifier({ tokenUrl: `${server.origin}/token` });
    await expect(
      found.verify(await jwt(`${server.origin}/`)),
    ).resolves.toMatchObject(byKey);
  });

  it.each([
    { token_endpoint: 'https://other.example/token' },
    { token_endpoint: undefined },
    { issuer: 'https://other.example' },
  ])('but not by metadata with %j', async (changes) => {
    metadata(changes);
    await expect(
      verifier({ tokenUrl: `${server.origin}/token` }).prepare(),
    ).rejects.toThrow(
      /No metadata was found that names ".*\/token" as its token_endpoint\. Give issuer\./,
    );
  });

  it('takes its issuer where jwksUri alone is given', async () => {
    metadata({ jwks_uri: `${server.origin}/other` });
    const found = verifier({
      ...client,
      tokenEndpoint: `${server.origin}/token`,
      jwksUri: `${server.origin}/jwks`,
    });
    await expect(found.verify(await jwt())).resolves.toMatchObject(byKey);
    await expect(
      found.verify(await jwt('https://evil.example')),
    ).rejects.toMatchObject({ reason: 'issuer' });
  });

  it('introspects with its own credentials where the metadata has an endpoint for it', async () => {
    metadata({ introspection_endpoint: `${server.origin}/introspect` });
    const settings = { issuer: server.origin };
    await expect(
      verifier({ ...settings, ...client }).verify('t'),
    ).resolves.toMatchObject(introspected);
    metadata({ introspection_endpoint: 42 });
    await expect(
      verifier({ ...settings, ...client }).verify(await jwt()),
    ).resolves.toMatchObject(byKey);
    metadata({ introspection_endpoint: `${server.origin}/introspect` });
    for (const partial of [
      {},
      { clientId: 'atlas' },
      { clientSecret: 'hunter2' },
    ]) {
      await expect(
        verifier({ ...settings, ...partial }).verify(await jwt()),
      ).resolves.toMatchObject(byKey);
    }
  });

  it.each([
    [undefined, undefined, 'basic'],
    [['client_secret_post'], undefined, 'post'],
    [['client_secret_basic', 'client_secret_post'], undefined, 'basic'],
    [['private_key_jwt'], undefined, 'basic'],
    ['client_secret_post', undefined, 'basic'],
    [['client_secret_post'], 'client_secret_basic' as const, 'basic'],
    [undefined, 'client_secret_post' as const, 'post'],
  ])(
    'authenticates, with methods %j and authMethod %j, by %s',
    async (methods, authMethod, used) => {
      metadata({
        introspection_endpoint: `${server.origin}/introspect`,
        introspection_endpoint_auth_methods_supported: methods,
      });
      await verifier({
        ...client,
        issuer: server.origin,
        authMethod,
      }).verify('t');
      const { headers, body } = server.requests.at(-1)!;
      expect(headers.authorization !== undefined).toBe(used === 'basic');
      expect(body.includes('client_secret')).toBe(used === 'post');
    },
  );

  it('sends credentials to a private host other than the issuer only where allowed', async () => {
    const other = await startLoopbackServer();
    try {
      other.routes.set('/introspect', {
        json: { active: true, sub: 'introspected', aud: 'api' },
      });
      metadata({ introspection_endpoint: `${other.origin}/introspect` });
      const settings = { ...client, issuer: server.origin };
      await expect(verifier(settings).verify('t')).rejects.toMatchObject({
        cause: { failure: 'refused_url' },
      });
      expect(other.requests).toEqual([]);
      await expect(
        verifier({ ...settings, allowPrivateHosts: true }).verify('t'),
      ).resolves.toMatchObject(introspected);
      metadata({ jwks_uri: `${other.origin}/jwks` });
      other.routes.set('/jwks', { json: { keys: [key.jwk] } });
      await expect(
        verifier({ issuer: server.origin, allowPrivateHosts: true }).verify(
          await jwt(),
        ),
      ).resolves.toMatchObject(byKey);
    } finally {
      await other.close();
    }
  });

  it('looks once, for all tokens', async () => {
    metadata({ introspection_endpoint: `${server.origin}/introspect` });
    const found = verifier({ ...client, issuer: server.origin });
    await found.prepare();
    await Promise.all(['a', 'b', 'c'].map((token) => found.verify(token)));
    expect(server.count(OAUTH)).toBe(1);
  });

  it('starts while the provider is down, and looks again after 5 seconds', async () => {
    freezeTime(Date.now());
    server.routes.set(OAUTH, { status: 503 });
    const found = verifier({ issuer: server.origin });
    await expect(found.prepare()).resolves.toBeUndefined();
    const token = await jwt();
    metadata();
    passSeconds(4);
    await expect(found.verify(token)).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
    });
    expect(server.count(OAUTH)).toBe(1);
    passSeconds(1);
    await expect(found.verify(token)).resolves.toMatchObject(byKey);
  });

  it('gives up each request after the timeout', async () => {
    server.routes.set(OAUTH, 'hang');
    for (const options of [
      { issuer: server.origin },
      { tokenUrl: `${server.origin}/token` },
    ]) {
      await expect(
        verifier({ ...options, timeout: 20 }).verify('t'),
      ).rejects.toMatchObject({ cause: { failure: 'timeout' } });
    }
  }, 4000);
});

describe('ProviderTokenVerifier that does not start', () => {
  it.each<[ProviderVerifierOptions, string]>([
    [{}, 'nothing tells how to check a token. Give jwksUri and issuer'],
    [client, 'nothing tells how to check a token'],
    [{ jwksUri: 'https://a.example/jwks' }, 'jwksUri is given without issuer'],
    [
      {
        ...client,
        jwksUri: 'https://a.example/jwks',
        introspectionEndpoint: 'https://a.example/introspect',
      },
      'jwksUri is given without issuer',
    ],
    [
      { introspectionEndpoint: 'https://a.example/introspect' },
      'clientId is empty',
    ],
    [
      { introspectionEndpoint: 'https://a.example/i', clientId: 'a' },
      'clientSecret is empty',
    ],
    [
      { tokenUrl: '/token' },
      'ProviderTokenVerifier: tokenEndpoint is no absolute http(s) URL',
    ],
    [{ issuer: 'login' }, 'issuer is no absolute http(s) URL'],
    [{ authorizationEndpoint: 'x' }, 'authorizationEndpoint is no absolute'],
    [
      { introspectionEndpoint: 'x' },
      'ProviderTokenVerifier: introspectionEndpoint is no absolute',
    ],
    [
      { tokenUrl: 'https://a.example/1', tokenEndpoint: 'https://a.example/2' },
      'tokenEndpoint and tokenUrl are two names of one option, and differ',
    ],
    [
      { issuer: 'https://a.example', scope: ['a'], scopes: ['b'] },
      'scopes and scope are two names of one option, and differ',
    ],
    [{ issuer: 'https://a.example', audience: '' }, 'audience is empty'],
  ])('says why: %j', (options, message) => {
    expect(() => verifier(options)).toThrow(message);
  });

  it('takes two names of one option that agree', () => {
    const tokenUrl = 'https://a.example/token';
    expect(
      verifier({
        tokenUrl,
        tokenEndpoint: tokenUrl,
        scope: ['a'],
        scopes: ['a'],
      }).requiredScopes,
    ).toEqual(['a']);
  });

  it('names the missing options where the metadata is missing, foreign, or not enough', async () => {
    const advice = /To do without metadata, give jwksUri with issuer, or/;
    const lost = () => verifier({ issuer: server.origin }).prepare();
    await expect(lost()).rejects.toThrow(advice);
    await expect(lost()).rejects.toThrow('No metadata was found');
    metadata({ issuer: `${server.origin}/` });
    await expect(lost()).rejects.toThrow('letter for letter');
    metadata({
      jwks_uri: undefined,
      introspection_endpoint: `${server.origin}/introspect`,
    });
    await expect(lost()).rejects.toThrow(
      'neither jwks_uri nor an introspection_endpoint that clientId and',
    );
    await expect(lost()).rejects.toThrow(advice);
    metadata({ introspection_endpoint: '/introspect' });
    await expect(
      verifier({ ...client, issuer: server.origin }).prepare(),
    ).rejects.toThrow('introspectionEndpoint is no absolute http(s) URL');
  });

  it('never prints the client secret', () => {
    const print = inspect(verifier({ ...client, issuer: server.origin }), {
      depth: 9,
      showHidden: true,
    });
    expect(print).not.toContain('hunter2');
  });
});
