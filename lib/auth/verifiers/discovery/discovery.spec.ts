import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../../../test/support/loopback-server.js';
import {
  createSigningKey,
  type SigningKey,
} from '../../../../test/support/signing-key.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../../test/support/frozen-time.js';
import { JwtTokenVerifier } from '../jwt/jwt-token.verifier.js';
import { discoverIssuer } from './discover-issuer.js';
import { metadataUrls } from './discover-issuer.js';

const OAUTH = '/.well-known/oauth-authorization-server';
const OIDC = '/.well-known/openid-configuration';

let server: LoopbackServer;
let key: SigningKey;

beforeAll(async () => {
  key = await createSigningKey();
});
beforeEach(async () => {
  server = await startLoopbackServer();
  server.routes.set('/jwks', { json: { keys: [key.jwk] } });
});
afterEach(async () => {
  releaseTime();
  await server.close();
});

const paths = () => server.requests.map(({ path }) => path);
const serve = (path: string, metadata: object) =>
  server.routes.set(path, { json: metadata });

describe('metadataUrls (RFC 8414 section 3.1, MCP Authorization)', () => {
  it('puts the well-known part before the path, and for OpenID Connect behind it, too', () => {
    expect(metadataUrls('https://a.example/tenant/1')).toEqual([
      `https://a.example${OAUTH}/tenant/1`,
      `https://a.example${OIDC}/tenant/1`,
      `https://a.example/tenant/1${OIDC}`,
    ]);
  });

  it.each(['https://a.example', 'https://a.example/'])(
    'has two forms for %s, which has no path',
    (issuer) => {
      expect(metadataUrls(issuer)).toEqual([
        `https://a.example${OAUTH}`,
        `https://a.example${OIDC}`,
      ]);
    },
  );

  it('drops the last slash of a path', () => {
    expect(metadataUrls('https://a.example/x/')[2]).toBe(
      `https://a.example/x${OIDC}`,
    );
  });
});

describe('discoverIssuer', () => {
  it('takes the first document of the issuer, and asks no further', async () => {
    serve(OAUTH, { issuer: server.origin, jwks_uri: 'a' });
    expect(await discoverIssuer(server.origin)).toMatchObject({
      jwks_uri: 'a',
    });
    expect(paths()).toEqual([OAUTH]);
  });

  it.each([
    { status: 404 },
    { status: 403 },
    { status: 302, headers: { location: '/elsewhere' } },
    { text: '<html>' },
    { json: {} },
    { json: { issuer: 'https://evil.example' } },
  ])('goes on after %j', async (reply) => {
    const issuer = `${server.origin}/t`;
    server.routes.set(`${OAUTH}/t`, reply);
    server.routes.set(`${OIDC}/t`, reply);
    serve(`/t${OIDC}`, { issuer });
    expect(await discoverIssuer(issuer)).toEqual({ issuer });
    expect(paths()).toEqual([`${OAUTH}/t`, `${OIDC}/t`, `/t${OIDC}`]);
  });

  it.each(['/', '/T', '?x', 'x'])(
    'uses no document whose issuer differs (RFC 8414 section 3.3): %s',
    async (suffix) => {
      serve(OAUTH, { issuer: server.origin + suffix });
      await expect(discoverIssuer(server.origin)).rejects.toMatchObject({
        name: 'IssuerDiscoveryError',
        message: expect.stringContaining(
          `issuer "${server.origin}" names "${server.origin}${suffix}"`,
        ),
      });
    },
  );

  it('says so where there is no metadata', async () => {
    await expect(discoverIssuer(server.origin)).rejects.toMatchObject({
      name: 'IssuerDiscoveryError',
      message: expect.stringContaining('No metadata was found'),
    });
  });

  it('says so where what is found names no issuer', async () => {
    serve(OAUTH, {});
    await expect(discoverIssuer(server.origin)).rejects.toThrow(
      'No metadata was found',
    );
  });

  it.each([{ status: 500 }, { status: 503 }, { status: 429 }, 'drop'] as const)(
    'takes %j for an outage, and asks no further',
    async (reply) => {
      server.routes.set(OAUTH, reply);
      serve(OIDC, { issuer: server.origin });
      await expect(discoverIssuer(server.origin)).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
      });
      expect(server.count(OIDC)).toBe(0);
    },
  );

  it('gives up after the timeout', async () => {
    server.routes.set(OAUTH, 'hang');
    await expect(
      discoverIssuer(server.origin, { timeout: 30 }),
    ).rejects.toMatchObject({ cause: { failure: 'timeout' } });
  }, 4000);
});

describe('a JwtTokenVerifier that knows its issuer alone', () => {
  const claims = () => ({
    iss: server.origin,
    aud: 'api',
    sub: 'ada',
    exp: Date.now() / 1000 + 9999,
  });
  const verifier = (options = {}) =>
    new JwtTokenVerifier({
      issuer: server.origin,
      audience: 'api',
      ...options,
    });
  const accepted = { subject: 'ada' };

  it('finds the keys by the metadata, with the first token', async () => {
    serve(OAUTH, { issuer: server.origin, jwks_uri: `${server.origin}/jwks` });
    const found = verifier();
    const token = await key.sign(claims());
    await found.verify(token);
    await expect(found.verify(token)).resolves.toMatchObject(accepted);
    expect(paths()).toEqual([OAUTH, '/jwks']);
  });

  it('finds the metadata at start-up, once', async () => {
    serve(OAUTH, { issuer: server.origin, jwks_uri: `${server.origin}/jwks` });
    const found = verifier();
    await found.prepare();
    expect(paths()).toEqual([OAUTH]);
    await found.verify(await key.sign(claims()));
    expect(paths()).toEqual([OAUTH, '/jwks']);
  });

  it('does not start with metadata of another issuer, without metadata, or without jwks_uri', async () => {
    await expect(verifier().prepare()).rejects.toThrow('No metadata was found');
    serve(OAUTH, { issuer: `${server.origin}/` });
    await expect(verifier().prepare()).rejects.toThrow('letter for letter');
    serve(OAUTH, { issuer: server.origin });
    await expect(verifier().prepare()).rejects.toThrow('has no jwks_uri');
  });

  it('starts while the issuer is down, and finds it later', async () => {
    server.routes.set(OAUTH, { status: 503 });
    const found = verifier();
    await expect(found.prepare()).resolves.toBeUndefined();
    serve(OAUTH, { issuer: server.origin, jwks_uri: `${server.origin}/jwks` });
    await expect(found.verify(await key.sign(claims()))).resolves.toMatchObject(
      accepted,
    );
  });

  it('answers with an outage, not a refusal, where the metadata is wrong', async () => {
    serve(OAUTH, { issuer: 'https://evil.example', jwks_uri: '/jwks' });
    await expect(
      verifier().verify(await key.sign(claims())),
    ).rejects.toMatchObject({ name: 'VerifierUnavailableError' });
    expect(server.count('/jwks')).toBe(0);
  });

  it('gives up each of its requests after jwks.timeout', async () => {
    const metadata = {
      issuer: server.origin,
      jwks_uri: `${server.origin}/jwks`,
    };
    const token = await key.sign(claims());
    const hangs = expect.objectContaining({
      cause: expect.objectContaining({ failure: 'timeout' }),
    });
    server.routes.set(OAUTH, 'hang');
    await expect(
      verifier({ jwks: { timeout: 20 } }).verify(token),
    ).rejects.toMatchObject({ cause: hangs });
    serve(OAUTH, metadata);
    server.routes.set('/jwks', 'hang');
    await expect(
      verifier({ jwks: { timeout: 20 } }).verify(token),
    ).rejects.toEqual(hangs);
  }, 4000);

  it('looks for keys that have moved', async () => {
    freezeTime(Date.now());
    serve(OAUTH, { issuer: server.origin, jwks_uri: `${server.origin}/old` });
    const found = verifier();
    const token = await key.sign(claims());
    await expect(found.verify(token)).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
    });
    serve(OAUTH, { issuer: server.origin, jwks_uri: `${server.origin}/jwks` });
    passSeconds(5);
    await expect(found.verify(token)).resolves.toMatchObject(accepted);
  });

  it('fetches keys from a private host other than the issuer only where allowed', async () => {
    const other = await startLoopbackServer();
    try {
      other.routes.set('/jwks', { json: { keys: [key.jwk] } });
      serve(OAUTH, { issuer: server.origin, jwks_uri: `${other.origin}/jwks` });
      const token = await key.sign(claims());
      await expect(verifier().verify(token)).rejects.toMatchObject({
        name: 'VerifierUnavailableError',
        cause: { failure: 'refused_url' },
      });
      expect(other.requests).toEqual([]);
      await expect(
        verifier({ allowPrivateHosts: true }).verify(token),
      ).resolves.toMatchObject(accepted);
    } finally {
      await other.close();
    }
  });
});
