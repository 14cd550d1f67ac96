import type { JsonWebKey } from 'node:crypto';
import { inspect } from 'node:util';
import {
  freezeTime,
  releaseTime,
} from '../../../../test/support/frozen-time.js';
import {
  createSigningKey,
  hmacToken,
  signWithSecret,
  unsignedToken,
  type SigningKey,
} from '../../../../test/support/signing-key.js';
import type { JwtVerifierOptions } from './jwt-options.interface.js';
import { JwtTokenVerifier } from './jwt-token.verifier.js';

const NOW = 1_800_000_000;
const ISSUER = 'https://login.example';
const AUDIENCE = 'https://api.example/mcp';
const SECRET = 'correct horse battery staple 0123';
const claims = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'ada',
  client_id: 'app',
  scope: 'read write',
  exp: NOW + 60,
};

let key: SigningKey;
let other: SigningKey;
let rsa: SigningKey;

beforeAll(async () => {
  key = await createSigningKey('ES256');
  other = await createSigningKey('ES256');
  rsa = await createSigningKey('RS256');
});
beforeEach(() => freezeTime(NOW * 1000));
afterEach(() => releaseTime());

const verifier = (options: JwtVerifierOptions = {}) =>
  new JwtTokenVerifier({
    publicKey: key.pem,
    issuer: ISSUER,
    audience: AUDIENCE,
    ...options,
  });
const refused = (reason: string) =>
  expect.objectContaining({ name: 'InvalidTokenError', reason });
const signed = (
  changes: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
) => key.sign({ ...claims, ...changes }, header);

describe('a good JWT', () => {
  it('becomes an access token with what its claims say', async () => {
    const token = await signed({ roles: ['editor'] });
    expect(await verifier().verify(token)).toMatchObject({
      token,
      tokenType: 'bearer',
      issuer: ISSUER,
      resource: AUDIENCE,
      subject: 'ada',
      clientId: 'app',
      scopes: ['read', 'write'],
      expiresAt: new Date((NOW + 60) * 1000),
      roles: ['editor'],
    });
  });

  it('has the type it was sent as', async () => {
    const token = await signed();
    expect(
      await verifier().verify(token, { tokenType: 'api_key' }),
    ).toMatchObject({ tokenType: 'api_key' });
  });

  it.each([
    [{ scope: undefined, scp: 'read' }, ['read']],
    [{ scope: undefined, scp: ['read', 'write'] }, ['read', 'write']],
    [{ scope: ['read'], scp: 'write' }, ['read']],
    [{ scope: undefined }, []],
  ])('with %j has the scopes %j', async (changes, scopes) => {
    const token = await verifier().verify(await signed(changes));
    expect(token.scopes).toEqual(scopes);
  });

  it('is read at the configured claim paths', async () => {
    const token = await verifier({
      claims: { scopes: 'access.scopes', roles: 'realm_access.roles' },
    }).verify(
      await signed({
        access: { scopes: ['deep'] },
        realm_access: { roles: ['editor'] },
      }),
    );
    expect(token).toMatchObject({ scopes: ['deep'], roles: ['editor'] });
  });

  it.each(['ES256', 'ES384', 'ES512', 'RS256', 'PS512', 'EdDSA', 'Ed25519'])(
    'may be signed by %s, given the key alone',
    async (alg) => {
      const signer = await createSigningKey(alg);
      for (const publicKey of [signer.pem, signer.jwk as JsonWebKey]) {
        await expect(
          verifier({ publicKey }).verify(await signer.sign(claims)),
        ).resolves.toMatchObject({ subject: 'ada' });
      }
    },
  );

  it('may be signed by HS256 with the secret, as text or bytes', async () => {
    const token = await signWithSecret(SECRET, claims);
    for (const secret of [SECRET, new TextEncoder().encode(SECRET)]) {
      await expect(
        verifier({ publicKey: undefined, secret }).verify(token),
      ).resolves.toMatchObject({ subject: 'ada' });
    }
  });
});

describe('the signature (RFC 7515 section 5.2)', () => {
  it('must be by the configured key', async () => {
    const token = await other.sign(claims);
    await expect(verifier().verify(token)).rejects.toEqual(
      refused('signature'),
    );
  });

  it('covers header and payload', async () => {
    const [header, , signature] = (await signed()).split('.');
    const forged = Buffer.from(
      JSON.stringify({ ...claims, sub: 'eve' }),
    ).toString('base64url');
    await expect(
      verifier().verify(`${header}.${forged}.${signature}`),
    ).rejects.toEqual(refused('signature'));
  });

  it.each(['', 'x', 'a.b', 'a.b.c', 'a.b.c.d.e', '..', '{}.{}.{}'])(
    'is not looked for in %j',
    async (token) => {
      await expect(verifier().verify(token)).rejects.toEqual(
        refused('malformed'),
      );
    },
  );
});

describe('the algorithm (RFC 8725 section 3.1)', () => {
  it('is refused where it is not in the list, though the key could check it', async () => {
    const only = verifier({ publicKey: rsa.pem, algorithms: ['PS256'] });
    await expect(only.verify(await rsa.sign(claims))).rejects.toEqual(
      refused('algorithm'),
    );
  });

  it.each(['none', 'None', 'NONE', 'nOnE'])(
    '`%s` is refused (RFC 8725 section 2.1)',
    async (alg) => {
      for (const options of [
        {},
        { publicKey: undefined, secret: SECRET },
        { publicKey: undefined, jwksUri: 'http://127.0.0.1:1/jwks' },
      ]) {
        await expect(
          verifier(options).verify(unsignedToken({ alg }, claims)),
        ).rejects.toEqual(refused('algorithm'));
      }
    },
  );

  it('is refused where a public key is used as an HMAC secret', async () => {
    for (const secret of [rsa.pem, rsa.pem.trim()]) {
      const token = await signWithSecret(secret, claims);
      await expect(
        verifier({ publicKey: rsa.pem }).verify(token),
      ).rejects.toEqual(refused('algorithm'));
    }
  });

  it('is HS256 alone by default with a secret', async () => {
    const secret = SECRET.repeat(2);
    const token = await signWithSecret(secret, claims, { alg: 'HS512' });
    const options = { publicKey: undefined, secret };
    await expect(verifier(options).verify(token)).rejects.toEqual(
      refused('algorithm'),
    );
    await expect(
      verifier({ ...options, algorithms: ['HS512'] }).verify(token),
    ).resolves.toMatchObject({ subject: 'ada' });
  });
});

describe('crit (RFC 7515 section 4.1.11)', () => {
  const judge = (header: Record<string, unknown>) =>
    verifier({ publicKey: undefined, secret: SECRET }).verify(
      hmacToken(SECRET, { alg: 'HS256', ...header }, claims),
    );

  it.each([
    [['x-ext'], 'algorithm'],
    [['exp'], 'algorithm'],
    [['toString'], 'algorithm'],
    [[], 'malformed'],
    ['x-ext', 'malformed'],
    [null, 'malformed'],
  ])('refuses %j, under a right signature', async (crit, reason) => {
    await expect(judge({ crit, 'x-ext': 1, exp: 1 })).rejects.toEqual(
      refused(reason),
    );
  });

  it('refuses an unencoded payload (RFC 7797 section 7)', async () => {
    await expect(judge({ crit: ['b64'], b64: true })).resolves.toMatchObject({
      subject: 'ada',
    });
    await expect(judge({ crit: ['b64'], b64: false })).rejects.toEqual(
      refused('malformed'),
    );
  });

  it('lets other unknown headers through', async () => {
    await expect(judge({ 'x-ext': 1 })).resolves.toMatchObject({
      subject: 'ada',
    });
  });
});

describe('iss (RFC 7519 section 4.1.1)', () => {
  it.each([
    'https://evil.example',
    `${ISSUER}/`,
    'https://LOGIN.example',
    '',
    undefined,
    [ISSUER],
  ])('refuses %j', async (iss) => {
    await expect(verifier().verify(await signed({ iss }))).rejects.toEqual(
      refused('issuer'),
    );
  });

  it('may be one of a list', async () => {
    const either = verifier({ issuer: ['https://old.example', ISSUER] });
    for (const iss of ['https://old.example', ISSUER]) {
      await expect(either.verify(await signed({ iss }))).resolves.toMatchObject(
        { issuer: iss },
      );
    }
    await expect(
      either.verify(await signed({ iss: 'https://new.example' })),
    ).rejects.toEqual(refused('issuer'));
  });

  it("is not looked at with issuer: false, or none beside a key of one's own", async () => {
    for (const issuer of [false, undefined] as const) {
      await expect(
        verifier({ issuer }).verify(await signed({ iss: undefined })),
      ).resolves.toMatchObject({ issuer: undefined });
    }
  });
});

describe('aud (RFC 7519 section 4.1.3, RFC 8707)', () => {
  it.each([
    'https://other.example/mcp',
    `${AUDIENCE}/`,
    'https://api.example',
    ['a', 'b'],
    [],
    '',
    undefined,
    null,
    { name: AUDIENCE },
  ])('refuses %j', async (aud) => {
    await expect(verifier().verify(await signed({ aud }))).rejects.toEqual(
      refused('audience'),
    );
  });

  it('may be a list of which one matches, against a list of which one matches', async () => {
    const token = await signed({ aud: ['x', AUDIENCE] });
    await expect(verifier().verify(token)).resolves.toMatchObject({
      resource: AUDIENCE,
    });
    await expect(
      verifier({ audience: ['y', AUDIENCE] }).verify(token),
    ).resolves.toMatchObject({ resource: AUDIENCE });
    await expect(
      verifier({ audience: ['y', 'z'] }).verify(token),
    ).rejects.toEqual(refused('audience'));
  });

  it('is compared with the names of the server where the verifier has none of its own', async () => {
    const bound = verifier({ audience: undefined });
    const token = await signed();
    await expect(
      bound.verify(token, { audience: ['https://b.example', AUDIENCE] }),
    ).resolves.toMatchObject({ resource: AUDIENCE });
    await expect(
      bound.verify(token, { audience: ['https://b.example'] }),
    ).rejects.toEqual(refused('audience'));
    await expect(
      verifier({ audience: 'x' }).verify(token, { audience: [AUDIENCE] }),
    ).rejects.toEqual(refused('audience'));
  });

  it('refuses all where there is nothing to compare it with', async () => {
    await expect(
      verifier({ audience: undefined }).verify(await signed()),
    ).rejects.toEqual(refused('audience'));
  });

  it('is not looked at with audience: false alone', async () => {
    await expect(
      verifier({ audience: false }).verify(await signed({ aud: 'x' })),
    ).resolves.toMatchObject({ resource: 'x' });
  });

  it('may be another claim', async () => {
    const byClient = verifier({ audienceClaim: 'client_id', audience: 'app' });
    await expect(
      byClient.verify(await signed({ aud: undefined })),
    ).resolves.toMatchObject({ resource: 'app' });
    await expect(
      byClient.verify(await signed({ aud: 'app', client_id: 'x' })),
    ).rejects.toEqual(refused('audience'));
  });

  it('tells how tokens are bound', () => {
    expect(verifier().audienceBinding).toBe('claim');
    expect(verifier({ audience: undefined }).audienceBinding).toBe('claim');
    expect(verifier({ audience: false }).audienceBinding).toBe('waived');
  });
});

describe('exp (RFC 7519 section 4.1.4)', () => {
  it.each([NOW, NOW - 1, NOW - 60, 0])('refuses %i', async (exp) => {
    await expect(verifier().verify(await signed({ exp }))).rejects.toEqual(
      refused('expired'),
    );
  });

  it.each([undefined, null, `${NOW + 60}`, 'never', 1e300])(
    'refuses %j',
    async (exp) => {
      await expect(verifier().verify(await signed({ exp }))).rejects.toEqual(
        refused('claims'),
      );
    },
  );

  it('holds to the last second, and for clockTolerance beyond it', async () => {
    await expect(
      verifier().verify(await signed({ exp: NOW + 1 })),
    ).resolves.toMatchObject({ subject: 'ada' });
    const lenient = verifier({ clockTolerance: 5 });
    const late = await lenient.verify(await signed({ exp: NOW - 4 }));
    expect(late.isExpired()).toBe(false);
    expect(late.isExpired(0)).toBe(true);
    await expect(
      lenient.verify(await signed({ exp: NOW - 5 })),
    ).rejects.toEqual(refused('expired'));
  });
});

describe('nbf (RFC 7519 section 4.1.5)', () => {
  it('refuses a time to come', async () => {
    await expect(
      verifier().verify(await signed({ nbf: NOW + 1 })),
    ).rejects.toEqual(refused('not_yet_valid'));
    await expect(
      verifier().verify(await signed({ nbf: NOW })),
    ).resolves.toMatchObject({ subject: 'ada' });
  });

  it('allows clockTolerance', async () => {
    const lenient = verifier({ clockTolerance: 5 });
    await expect(
      lenient.verify(await signed({ nbf: NOW + 5 })),
    ).resolves.toMatchObject({ subject: 'ada' });
    await expect(
      lenient.verify(await signed({ nbf: NOW + 6 })),
    ).rejects.toEqual(refused('not_yet_valid'));
  });

  it('refuses what is no number', async () => {
    await expect(
      verifier().verify(await signed({ nbf: 'now' })),
    ).rejects.toMatchObject({ name: 'InvalidTokenError' });
  });
});

describe('tokens that are no access tokens (RFC 8725 sections 3.11 and 3.12)', () => {
  it.each([
    'logout+jwt',
    'application/logout+jwt',
    'refresh+jwt',
    'id_token',
    'dpop+jwt',
    'secevent+jwt',
    'oauth-id-jag+jwt',
    '',
  ])('are refused by the header typ %j', async (typ) => {
    await expect(verifier().verify(await signed({}, { typ }))).rejects.toEqual(
      refused('kind'),
    );
  });

  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'AT+JWT'])(
    'are not those with typ %j',
    async (typ) => {
      await expect(
        verifier().verify(await signed({}, { typ })),
      ).resolves.toMatchObject({ subject: 'ada' });
    },
  );

  it('are all but those of the configured typ', async () => {
    const strict = verifier({ typ: 'at+jwt' });
    for (const typ of ['at+jwt', 'application/AT+jwt']) {
      await expect(
        strict.verify(await signed({}, { typ })),
      ).resolves.toMatchObject({ subject: 'ada' });
    }
    for (const typ of [
      undefined,
      'JWT',
      'x-at+jwt',
      'at+jwt2',
      'at+application/jwt',
    ]) {
      await expect(strict.verify(await signed({}, { typ }))).rejects.toEqual(
        refused('kind'),
      );
    }
    await expect(
      verifier({ typ: ['JOSE', 'at+jwt'] }).verify(
        await signed({}, { typ: 'jose' }),
      ),
    ).resolves.toMatchObject({ subject: 'ada' });
  });

  it.each([
    { nonce: 'n' },
    { at_hash: 'h' },
    { c_hash: 'h' },
    { s_hash: 'h' },
    { token_use: 'id' },
    { token_use: 'refresh' },
    { token_use: 'REFRESH_TOKEN' },
    { token_use: ['access'] },
    { token_use: 1 },
    { typ: ['Bearer'] },
    { typ: 'ID' },
    { typ: 'Refresh' },
    { typ: 'Offline' },
    { typ: 'Logout' },
    { token_type: 'refresh_token' },
    { token_type: 'id_token' },
    {
      events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
    },
  ])('are refused by %j', async (changes) => {
    await expect(verifier().verify(await signed(changes))).rejects.toEqual(
      refused('kind'),
    );
  });

  it.each([
    { token_use: 'access' },
    { token_use: 'access_token' },
    { typ: 'Bearer' },
    { token_type: 'Bearer' },
    { events: ['login'] },
    { events: { other: {} } },
  ])('are not those with %j', async (changes) => {
    await expect(
      verifier().verify(await signed(changes)),
    ).resolves.toMatchObject({ subject: 'ada' });
  });
});

describe('requiredClaims', () => {
  const strict = () =>
    verifier({ requiredClaims: { tenant: ['a', 'b'], 'app.id': true } });

  it('must have one of the values, or any', async () => {
    for (const tenant of ['a', ['x', 'b']]) {
      await expect(
        strict().verify(await signed({ tenant, app: { id: 1 } })),
      ).resolves.toMatchObject({ subject: 'ada' });
    }
  });

  it.each([
    { tenant: 'c', app: { id: 1 } },
    { tenant: 'ab', app: { id: 1 } },
    { app: { id: 1 } },
    { tenant: 'a' },
    { tenant: 'a', app: {} },
  ])('refuse %j', async (changes) => {
    await expect(strict().verify(await signed(changes))).rejects.toEqual(
      refused('claims'),
    );
  });
});

describe('several issuers', () => {
  const OTHER = 'https://other.example';
  const both = () =>
    new JwtTokenVerifier({
      issuers: [
        { issuer: ISSUER, publicKey: key.pem, audience: AUDIENCE },
        {
          issuer: [OTHER, 'https://third.example'],
          publicKey: other.pem,
          audience: 'api://other',
          claims: { subject: 'uid' },
        },
      ],
    });

  it('have keys, audience and claim paths of their own', async () => {
    await expect(both().verify(await signed())).resolves.toMatchObject({
      subject: 'ada',
    });
    for (const iss of [OTHER, 'https://third.example']) {
      await expect(
        both().verify(
          await other.sign({ ...claims, iss, aud: 'api://other', uid: 'bob' }),
        ),
      ).resolves.toMatchObject({ subject: 'bob', issuer: iss });
    }
  });

  it('never lend each other a key, though the kid is the same', async () => {
    expect(key.jwk.kid).toBe(other.jwk.kid);
    await expect(both().verify(await other.sign(claims))).rejects.toEqual(
      refused('signature'),
    );
    await expect(
      both().verify(await key.sign({ ...claims, iss: OTHER })),
    ).rejects.toEqual(refused('signature'));
  });

  it('never lend each other an audience', async () => {
    await expect(
      both().verify(await other.sign({ ...claims, iss: OTHER })),
    ).rejects.toEqual(refused('audience'));
  });

  it.each(['https://evil.example', undefined, '', null])(
    'refuse a token of issuer %j',
    async (iss) => {
      await expect(both().verify(await signed({ iss }))).rejects.toEqual(
        refused('issuer'),
      );
    },
  );

  it('refuse what is no JWT', async () => {
    await expect(both().verify('opaque')).rejects.toEqual(refused('malformed'));
  });

  it('are bound as the weakest of them', () => {
    const bound = (audience: string | false) =>
      new JwtTokenVerifier({
        issuers: [
          { issuer: ISSUER, publicKey: key.pem },
          { issuer: OTHER, publicKey: other.pem, audience },
        ],
      }).audienceBinding;
    expect(bound('x')).toBe('claim');
    expect(bound(false)).toBe('waived');
  });
});

describe('what is thrown and printed', () => {
  it('holds nothing of the token or the secret', async () => {
    const token = await signWithSecret(SECRET, { ...claims, exp: 1 });
    const hmac = verifier({ publicKey: undefined, secret: SECRET });
    const error: Error = await hmac.verify(token).then(
      () => new Error('accepted'),
      (thrown: Error) => thrown,
    );
    expect(error.message).toBe('The token has expired');
    expect(error.cause).toBeInstanceOf(Error);
    for (const print of [inspect(error), inspect(hmac, { depth: 9 })]) {
      expect(print).not.toContain(token);
      expect(print).not.toContain(SECRET);
    }
    expect(JSON.stringify(hmac)).not.toContain(SECRET);
  });
});
