import { generateKeyPair, SignJWT } from 'jose';
import { JwtTokenVerifier } from '../../lib/auth/verifiers/jwt/jwt-token.verifier.js';
import { IntrospectionTokenVerifier } from '../../lib/auth/verifiers/introspection-token.verifier.js';
import { StaticTokenVerifier } from '../../lib/auth/verifiers/static-token.verifier.js';
import { Journal } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { readChallenge } from '../support/auth-challenge.js';
import {
  createIssuer,
  now,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { rpc, type RpcAnswer } from '../support/json-rpc.js';
import {
  type LoopbackServer,
  startLoopbackServer,
} from '../support/loopback-server.js';
import {
  createSigningKey,
  hmacToken,
  signWithSecret,
  unsignedToken,
} from '../support/signing-key.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const call = ({ endpoint }: Booted, token: string): Promise<RpcAnswer> =>
  rpc(
    endpoint,
    'modern',
    'tools/call',
    { name: 'notes_read', arguments: {} },
    { headers: { authorization: `Bearer ${token}` } },
  );

const expectRefusal = async (booted: Booted, token: string): Promise<void> => {
  const answer = await call(booted, token);
  expect(answer.status).toBe(401);
  expect(
    readChallenge(answer.headers.get('www-authenticate')).parameters.error,
  ).toBe('invalid_token');
  expect(booted.app.get(Journal, { strict: false }).ran).toEqual([]);
};

const expectAdmission = async (
  booted: Booted,
  token: string,
): Promise<void> => {
  expect((await call(booted, token)).status).toBe(200);
  booted.app.get(Journal, { strict: false }).ran.splice(0);
};

const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout';

/** Why a token is bad, and how to make one. */
const BAD_TOKENS: readonly (readonly [
  string,
  (issuer: TestIssuer) => string | Promise<string>,
])[] = [
  [
    'whose signature is wrong (RFC 7515 5.2)',
    async ({ token }) => {
      const [header, payload, signature = ''] = (await token()).split('.');
      return `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
    },
  ],
  [
    'whose payload was changed (RFC 7515 5.2)',
    async ({ token, claims }) => {
      const [header, , signature] = (await token()).split('.');
      const payload = Buffer.from(
        JSON.stringify(claims({ sub: 'root' })),
      ).toString('base64url');
      return `${header}.${payload}.${signature}`;
    },
  ],
  [
    'signed by a stranger under the same kid',
    async ({ claims, key }) =>
      (await createSigningKey('ES256', key.jwk.kid)).sign(claims()),
  ],
  [
    'without a signature: alg none (RFC 8725 3.1)',
    ({ claims }) => unsignedToken({ alg: 'none' }, claims()),
  ],
  [
    'without a signature, with its alg kept',
    ({ claims }) => unsignedToken({ alg: 'ES256' }, claims()),
  ],
  [
    'signed by the public key as an HMAC secret (RFC 8725 2.1)',
    ({ claims, key }) => hmacToken(key.pem, { alg: 'HS256' }, claims()),
  ],
  [
    'signed by an algorithm that is not allowed (RFC 8725 3.1)',
    async ({ claims }) => {
      const { privateKey } = await generateKeyPair('RS256');
      return new SignJWT(claims())
        .setProtectedHeader({ alg: 'RS256' })
        .sign(privateKey);
    },
  ],
  [
    'with a critical header that is not understood (RFC 7515 4.1.11)',
    async ({ token }) => {
      const [, payload, signature] = (await token()).split('.');
      const header = Buffer.from(
        JSON.stringify({ alg: 'ES256', crit: ['x'], x: 1 }),
      ).toString('base64url');
      return `${header}.${payload}.${signature}`;
    },
  ],
  [
    'of another issuer (RFC 8725 3.8)',
    ({ token }) => token({ iss: 'https://evil.example' }),
  ],
  [
    'of an issuer that only starts like ours',
    ({ token, issuer }) => token({ iss: `${issuer}.evil.example` }),
  ],
  ['without an issuer', ({ token }) => token({ iss: undefined })],
  [
    'for another server (RFC 8707 2, MCP Authorization "Access Token Usage")',
    ({ token }) => token({ aud: 'https://other.example.com/mcp' }),
  ],
  [
    'for several other servers',
    ({ token }) => token({ aud: ['https://a.example', 'https://b.example'] }),
  ],
  ['for nobody in particular', ({ token }) => token({ aud: undefined })],
  ['for an empty list', ({ token }) => token({ aud: [] })],
  [
    'for the origin of the server alone',
    ({ token }) => token({ aud: 'https://api.example.com' }),
  ],
  [
    'for a path that starts alike',
    ({ token }) => token({ aud: `${RESOURCE}123` }),
  ],
  ['for a path below', ({ token }) => token({ aud: `${RESOURCE}/below` })],
  [
    'for the server with a slash',
    ({ token }) => token({ aud: `${RESOURCE}/` }),
  ],
  [
    'for the server in capitals',
    ({ token }) => token({ aud: RESOURCE.toUpperCase() }),
  ],
  [
    'with an object as audience',
    ({ token }) => token({ aud: { [RESOURCE]: true } }),
  ],
  [
    'that has expired (RFC 7519 4.1.4)',
    ({ token }) => token({ exp: now() - 1 }),
  ],
  ['that does not expire', ({ token }) => token({ exp: undefined })],
  ['whose expiry is text', ({ token }) => token({ exp: String(now() + 300) })],
  [
    'that is not valid yet (RFC 7519 4.1.5)',
    ({ token }) => token({ nbf: now() + 300 }),
  ],
  [
    'that is an ID token by its nonce (RFC 8725 3.12)',
    ({ token }) => token({ nonce: 'n' }),
  ],
  [
    'that is an ID token by its at_hash',
    ({ token }) => token({ at_hash: 'h' }),
  ],
  [
    'that is a logout token',
    ({ token }) => token({ events: { [LOGOUT]: {} } }),
  ],
  [
    'that is a refresh token by token_use',
    ({ token }) => token({ token_use: 'refresh' }),
  ],
  [
    'that is a refresh token by the claim typ',
    ({ token }) => token({ typ: 'Refresh' }),
  ],
  [
    'of another kind by the header typ (RFC 8725 3.11)',
    ({ token }) => token({}, { typ: 'dpop+jwt' }),
  ],
  ['that is no JWT', () => 'opaque'],
  [
    'of two parts',
    async ({ token }) => (await token()).split('.').slice(0, 2).join('.'),
  ],
  ['whose header is no JSON', () => 'e30x.e30.e30'],
  ['whose payload is a list', ({ key }) => key.signText('[]')],
  ['whose payload is no JSON', ({ key }) => key.signText('admin')],
];

describe.each(ADAPTERS)('a JWT on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;

  beforeAll(async () => {
    issuer = await createIssuer();
    booted = await bootProtected(adapter, { verifier: issuer.verifier });
  });
  afterAll(() => booted?.close());

  it.each(BAD_TOKENS)('is refused %s', async (_, make) => {
    await expectRefusal(booted, await make(issuer));
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    [
      'with a list of audiences that names this server',
      { aud: ['https://a.example', RESOURCE] },
    ],
    ['that became valid a second ago', { nbf: now() - 1 }],
    ['that says at+jwt (RFC 9068 4)', {}, { typ: 'at+jwt' }],
    ['with a header that is not critical', {}, { x: 1 }],
    ['of the use "access"', { token_use: 'access' }],
  ])('is accepted %s', async (_, claims, header = {}) => {
    await expectAdmission(booted, await issuer.token(claims, header));
  });
});

describe('the keys of a verifier, at the door', () => {
  let remote: LoopbackServer;
  let booted: Booted | undefined;

  beforeAll(async () => {
    remote = await startLoopbackServer();
  });
  afterEach(() => booted?.close());
  afterAll(() => remote?.close());

  it('stop the application where an HMAC secret is a PEM key (RFC 8725 2.1)', async () => {
    const { pem } = await createSigningKey();
    await expect(
      bootProtected('express', { verifier: { secret: pem } }),
    ).rejects.toThrow('PEM');
  });

  it('take an HMAC token by its own secret alone', async () => {
    const secret = 'a secret of at least thirty-two bytes';
    const issuer = await createIssuer();
    booted = await bootProtected('express', { verifier: { secret } });
    await expectAdmission(
      booted,
      await signWithSecret(secret, issuer.claims()),
    );
    await expectRefusal(
      booted,
      await signWithSecret(`${secret}!`, issuer.claims()),
    );
    await expectRefusal(booted, await issuer.token());
  });

  it('are fetched a bounded number of times by a flood of unknown kids', async () => {
    const issuer = await createIssuer('https://flood.example');
    remote.routes.set('/flood', {
      json: {
        keys: [
          issuer.key.jwk,
          { kty: 'oct', kid: 'odd' },
          'no key',
          { kty: 'EC', kid: 'broken' },
        ],
      },
    });
    booted = await bootProtected('express', {
      verifier: { issuer: issuer.issuer, jwksUri: `${remote.origin}/flood` },
    });
    await expectAdmission(booted, await issuer.token());
    const before = remote.count('/flood');
    const tokens = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        issuer.token({}, { kid: `random-${index}` }),
      ),
    );
    const { endpoint } = booted;
    const answers = await Promise.all(
      tokens.map((token) =>
        rpc(
          endpoint,
          'modern',
          'tools/list',
          {},
          { headers: { authorization: `Bearer ${token}` } },
        ),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(tokens.map(() => 401));
    expect(remote.count('/flood') - before).toBeLessThanOrEqual(1);
    await expectAdmission(booted, await issuer.token());
  });

  it('refuse a token without kid where several keys fit', async () => {
    const issuer = await createIssuer('https://several.example');
    const other = await createSigningKey('ES256', 'second');
    remote.routes.set('/several', {
      json: { keys: [issuer.key.jwk, other.jwk] },
    });
    booted = await bootProtected('express', {
      verifier: { issuer: issuer.issuer, jwksUri: `${remote.origin}/several` },
    });
    await expectRefusal(booted, await issuer.token({}, { kid: undefined }));
    await expectAdmission(booted, await issuer.token());
  });

  it('that cannot be fetched make it 503, not 401 and not 500', async () => {
    const issuer = await createIssuer('https://down.example');
    remote.routes.set('/down', { status: 500 });
    booted = await bootProtected('express', {
      verifier: { issuer: issuer.issuer, jwksUri: `${remote.origin}/down` },
    });
    const answer = await call(booted, await issuer.token());
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.text).not.toContain(remote.origin);
  });
});

describe('other verifiers, at the door', () => {
  let remote: LoopbackServer;
  let booted: Booted | undefined;

  beforeAll(async () => {
    remote = await startLoopbackServer();
  });
  afterEach(() => booted?.close());
  afterAll(() => remote?.close());

  it('by introspection: only what says active, true, comes in (RFC 7662 2.2)', async () => {
    let answer: unknown;
    remote.routes.set('/introspect', () => ({ json: answer }));
    booted = await bootProtected('express', {
      verifier: new IntrospectionTokenVerifier({
        introspectionEndpoint: `${remote.origin}/introspect`,
        clientId: 'server',
        clientSecret: 'secret',
      }),
    });
    const good = { active: true, sub: 'ada', aud: RESOURCE };
    answer = good;
    await expectAdmission(booted, 'opaque');
    for (const bad of [
      { ...good, active: undefined },
      { ...good, active: false },
      { ...good, active: 'true' },
      { ...good, aud: 'https://other.example' },
      { ...good, aud: undefined },
      { ...good, exp: now() - 1 },
    ]) {
      answer = bad;
      await expectRefusal(booted, 'opaque');
    }
    answer = good;
    await expectAdmission(booted, 'opaque');
  });

  it('by a list of tokens: those, and no others', async () => {
    booted = await bootProtected('fastify', {
      verifier: new StaticTokenVerifier({
        'dev-token': { user_id: 'ada', scope: 'a' },
        'old-token': { user_id: 'ada', expires_at: now() - 1 },
      }),
    });
    await expectAdmission(booted, 'dev-token');
    for (const bad of ['old-token', 'dev-toke', 'dev-token=', 'DEV-TOKEN']) {
      await expectRefusal(booted, bad);
    }
  });

  it('trust several issuers, each by its own keys and audience (RFC 8725 3.8)', async () => {
    const [one, two] = await Promise.all([
      createIssuer('https://one.example'),
      createIssuer('https://two.example'),
    ]);
    booted = await bootProtected('express', {
      verifier: new JwtTokenVerifier({
        issuers: [one.verifier, { ...two.verifier, audience: 'api://two' }],
      }),
    });
    await expectAdmission(booted, await one.token());
    await expectAdmission(booted, await two.token({ aud: 'api://two' }));
    await expectRefusal(booted, await two.token());
    await expectRefusal(booted, await one.token({ aud: 'api://two' }));
    await expectRefusal(
      booted,
      await one.token({ iss: two.issuer, aud: 'api://two' }),
    );
    await expectRefusal(
      booted,
      await one.key.sign(two.claims({ aud: 'api://two' }), {
        kid: two.key.jwk.kid,
      }),
    );
  });
});
