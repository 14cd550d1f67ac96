import { generateKeyPairSync } from 'node:crypto';
import { exportPKCS8, generateKeyPair, type JWK } from 'jose';
import {
  createSigningKey,
  type SigningKey,
} from '../../../../test/support/signing-key.js';
import type { JwtVerifierOptions } from './jwt-options.interface.js';
import { JwtTokenVerifier } from './jwt-token.verifier.js';

const SECRET = 'correct horse battery staple 0123';
const issuer = 'https://login.example';
const jwksUri = `${issuer}/jwks`;

let rsa: SigningKey;
let ec: SigningKey;

beforeAll(async () => {
  rsa = await createSigningKey('RS256');
  ec = await createSigningKey('ES256');
});

const build = (options: object) =>
  new JwtTokenVerifier(options as JwtVerifierOptions);
const complaint = (options: object): string => {
  try {
    build(options);
    return 'none';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a secret that stops the application', () => {
  it.each<[string, () => string | Uint8Array]>([
    ['a public key in PEM', () => rsa.pem],
    ['a public key in PEM, as bytes', () => Buffer.from(rsa.pem)],
    ['a public key in PEM behind blanks', () => `\n  ${ec.pem}`],
    ['a public key as JWK', () => JSON.stringify(rsa.jwk, null, 2)],
    ['an OpenSSH key', () => `ssh-rsa ${'A'.repeat(64)}`],
    ['an OpenSSH key', () => `ecdsa-sha2-nistp256 ${'A'.repeat(64)}`],
  ])('is %s (RFC 8725 section 2.1)', (_name, secret) => {
    expect(complaint({ secret: secret() })).toMatch(
      /^JwtTokenVerifier: secret holds a key .* pass it as publicKey/,
    );
  });

  it.each([
    ['HS256', 32],
    ['HS384', 48],
    ['HS512', 64],
  ])('is shorter than the hash of %s (RFC 7518 section 3.2)', (name, least) => {
    const algorithms = [name];
    expect(complaint({ secret: 'x'.repeat(least), algorithms })).toBe('none');
    expect(complaint({ secret: 'x'.repeat(least - 1), algorithms })).toBe(
      `JwtTokenVerifier: secret has ${least - 1} bytes, and ${name} needs at ` +
        `least ${least}. Make one with \`openssl rand -base64 ${least}\`.`,
    );
  });

  it('is counted in bytes, and against each algorithm', () => {
    expect(complaint({ secret: 'ä'.repeat(16) })).toBe('none');
    expect(complaint({ secret: 'ä'.repeat(15) })).toMatch('has 30 bytes');
    expect(
      complaint({ secret: SECRET, algorithms: ['HS256', 'HS512'] }),
    ).toMatch('HS512 needs');
    expect(complaint({ secret: '' })).toMatch('has 0 bytes');
  });

  it('is never printed', () => {
    for (const secret of ['hunter2', rsa.pem]) {
      expect(complaint({ secret })).not.toContain(secret.slice(0, 20));
    }
  });
});

describe('algorithms that stop the application (RFC 8725 section 3.1)', () => {
  it.each<[string, () => object, string]>([
    ['none', () => ({ secret: SECRET }), 'a secret'],
    ['none', () => ({ publicKey: rsa.pem }), 'a public key of type RSA'],
    ['none', () => ({ jwksUri, issuer }), 'a set of public keys'],
    ['RS256', () => ({ secret: SECRET }), 'a secret'],
    ['HS256', () => ({ publicKey: rsa.pem }), 'a public key of type RSA'],
    ['HS256', () => ({ jwksUri, issuer }), 'a set of public keys'],
    ['HS256', () => ({ issuer }), 'a set of public keys'],
    ['ES256', () => ({ publicKey: rsa.pem }), 'a public key of type RSA'],
    ['RS256', () => ({ publicKey: ec.pem }), 'a public key of type EC'],
    ['rs256', () => ({ publicKey: rsa.pem }), 'a public key of type RSA'],
  ])('are %s (%#)', (name, options, kind) => {
    expect(complaint({ ...options(), algorithms: [name] })).toMatch(
      `algorithms has "${name}", which ${kind} cannot check. List some of `,
    );
  });

  it('are a wrong one among right ones', () => {
    expect(
      complaint({ publicKey: rsa.pem, algorithms: ['RS256', 'HS256'] }),
    ).toMatch('algorithms has "HS256"');
  });

  it('are none at all', () => {
    expect(complaint({ publicKey: rsa.pem, algorithms: [] })).toMatch(
      /algorithms is empty.* RS256, RS384, RS512, PS256, PS384, PS512\.$/,
    );
  });
});

describe('a publicKey that stops the application', () => {
  const pem = (type: 'ed448' | 'x25519') =>
    generateKeyPairSync(type as 'ed448').publicKey.export({
      type: 'spki',
      format: 'pem',
    });

  it('holds a private key, as PEM or JWK', async () => {
    const { privateKey } = await generateKeyPair('ES256', {
      extractable: true,
    });
    const keys = [
      await exportPKCS8(privateKey),
      { ...ec.jwk, d: 'secret' } as JWK,
      { kty: 'oct', k: 'c2VjcmV0' },
    ];
    for (const publicKey of keys) {
      expect(complaint({ publicKey })).toMatch(
        'publicKey holds a private or secret key',
      );
    }
  });

  it.each(['', 'hunter2', '-----BEGIN PUBLIC KEY-----\nAAAA', { kty: 'RSA' }])(
    'cannot be read: %j',
    (publicKey) => {
      expect(complaint({ publicKey })).toBe(
        'JwtTokenVerifier: publicKey cannot be read. Pass PEM, beginning ' +
          'with "-----BEGIN PUBLIC KEY-----", or a JWK.',
      );
    },
  );

  it('signs no JWT', () => {
    expect(complaint({ publicKey: pem('x25519') })).toMatch(
      'publicKey is of type x25519. Use RSA',
    );
    expect(complaint({ publicKey: pem('ed448') })).toMatch(
      'publicKey is of type ed448. Use RSA',
    );
  });

  it('is an RSA key of less than 2048 bits (RFC 7518 section 3.3)', () => {
    const key = (modulusLength: number) =>
      generateKeyPairSync('rsa', { modulusLength }).publicKey.export({
        type: 'spki',
        format: 'pem',
      });
    expect(complaint({ publicKey: key(2040) })).toMatch(
      'publicKey is of type rsa with 2040 bits. Use RSA of 2048 bits or more',
    );
    expect(complaint({ publicKey: key(2048) })).toBe('none');
  });
});

describe('options that contradict each other, or leave no key', () => {
  it.each<[() => object, string]>([
    [
      () => ({ secret: SECRET, publicKey: rsa.pem }),
      'secret and publicKey are given',
    ],
    [() => ({ secret: SECRET, jwksUri, issuer }), 'secret and jwksUri are'],
    [() => ({ publicKey: rsa.pem, jwksUri }), 'publicKey and jwksUri are'],
    [() => ({}), 'no keys to check tokens with'],
    [() => ({ secret: undefined }) as never, 'secret is undefined'],
    [() => ({ publicKey: undefined }) as never, 'publicKey is undefined'],
    [() => ({ jwksUri: undefined }) as never, 'jwksUri is undefined'],
    // The issuer's own keys would be another check than was meant.
    [() => ({ secret: undefined, issuer }) as never, 'secret is undefined'],
    [
      () => ({ publicKey: undefined, issuer }) as never,
      'publicKey is undefined',
    ],
    [() => ({ issuer: false }), 'no keys to check tokens with'],
    [() => ({ issuer: ['https://a.example'] }), 'no keys to check tokens'],
    [() => ({ jwksUri }), 'jwksUri is given without issuer'],
    [() => ({ jwksUri: '/jwks', issuer }), 'jwksUri "/jwks" is no absolute'],
    [() => ({ jwksUri: 'file:///jwks', issuer }), 'is no absolute http(s) URL'],
    [() => ({ jwksUri: 'xhttp://a.example', issuer }), 'is no absolute http'],
    [() => ({ jwksUri: 'https://', issuer }), 'is no absolute http(s) URL'],
    [() => ({ secret: SECRET, issuer: '' }), 'issuer is empty'],
    [() => ({ secret: SECRET, issuer: [] }), 'issuer is empty'],
    [() => ({ secret: SECRET, audience: '' }), 'audience is empty'],
    [() => ({ secret: SECRET, audience: [] }), 'audience is empty'],
    [() => ({ secret: SECRET, audience: ['a', ''] }), 'audience is empty'],
    [() => ({ issuer: 'login' }), 'issuer: "login" is no http(s) URL'],
    [() => ({ issuer: 'urn:login' }), 'is no http(s) URL'],
    [() => ({ issuer: 'xhttp://a.example' }), 'is no http(s) URL'],
    [() => ({ issuer: 'https://a.example?x=1' }), 'without query'],
    [() => ({ issuer: 'https://a.example#x' }), 'without query and fragment'],
    [() => ({ issuer: 'https://a.example?' }), 'without query'],
    [() => ({ secret: SECRET, clockTolerance: -1 }), 'clockTolerance is -1'],
    [() => ({ secret: SECRET, clockTolerance: NaN }), 'clockTolerance is NaN'],
    [
      () => ({ secret: SECRET, clockTolerance: Infinity }),
      'clockTolerance is Infinity',
    ],
    [() => ({ jwksUri, issuer, jwks: { maxAge: -1 } }), 'maxAge is -1'],
    [() => ({ jwksUri, issuer, jwks: { cooldown: NaN } }), 'cooldown is NaN'],
    [() => ({ secret: SECRET, cache: { ttl: -1 } }), 'cache.ttl is -1'],
    [() => ({ secret: SECRET, cache: { ttl: 61 } }), 'cache.ttl is 61'],
    [() => ({ secret: SECRET, cache: { ttl: NaN } }), 'cache.ttl is NaN'],
    [
      () => ({ secret: SECRET, cache: { maxEntries: 0 } }),
      'cache.maxEntries is 0',
    ],
    [
      () => ({ secret: SECRET, cache: { maxEntries: 1.5 } }),
      'cache.maxEntries is 1.5',
    ],
    [
      () => ({ secret: SECRET, cache: { maxEntries: Infinity } }),
      'cache.maxEntries is Infinity',
    ],
    [() => ({ issuers: [] }), 'each of issuers needs its issuer'],
    [() => ({ issuers: [{ secret: SECRET }] }), 'each of issuers needs its'],
    [
      () => ({ issuers: [{ secret: SECRET, issuer: false }] }),
      'each of issuers needs its issuer',
    ],
    [
      () => ({ issuers: [{ secret: 'short', issuer }] }),
      'JwtTokenVerifier.issuers[0]: secret has 5 bytes',
    ],
    [
      () => ({
        issuers: [
          { secret: SECRET, issuer },
          { secret: SECRET, issuer: ['https://b.example', issuer] },
        ],
      }),
      `issuers has "${issuer}" more than once`,
    ],
  ])('stop the application (%#)', (options, message) => {
    expect(complaint(options())).toContain(message);
  });

  it.each([
    'secret',
    'publicKey',
    'jwksUri',
    'issuer',
    'audience',
    'audienceClaim',
    'algorithms',
    'typ',
    'requiredClaims',
    'claims',
    'allowPrivateHosts',
  ])('stop it where %s stands beside issuers', (name) => {
    expect(
      complaint({
        [name]: name === 'claims' ? {} : false,
        issuers: [{ secret: SECRET, issuer }],
      }),
    ).toMatch(`JwtTokenVerifier: ${name} stands beside issuers`);
  });

  it.each([{}, { ttl: 0 }, { ttl: 60 }, { ttl: 0.5, maxEntries: 1 }])(
    'do not stop it with cache: %j',
    (cache) => {
      expect(complaint({ secret: SECRET, cache })).toBe('none');
    },
  );

  it('do not stop it where issuer: false says that keys are shared', () => {
    expect(complaint({ jwksUri, issuer: false })).toBe('none');
    expect(complaint({ jwksUri: 'HTTPS://A.EXAMPLE/jwks', issuer })).toBe(
      'none',
    );
    expect(complaint({ issuer })).toBe('none');
    expect(complaint({ secret: SECRET, clockTolerance: 0 })).toBe('none');
    expect(complaint({ secret: SECRET, audience: false })).toBe('none');
  });
});

describe('a verifier with keys of its own', () => {
  it('is ready at once', async () => {
    await expect(build({ secret: SECRET }).prepare()).resolves.toBeUndefined();
    await expect(
      build({ publicKey: ec.pem }).prepare(),
    ).resolves.toBeUndefined();
  });

  it('tells the issuers of its tokens', () => {
    expect(build({ secret: SECRET }).issuers).toStrictEqual([]);
    expect(
      build({
        issuers: [
          { secret: SECRET, issuer },
          { secret: SECRET, issuer: ['https://b.example', 'https://c'] },
        ],
      }).issuers,
    ).toEqual([issuer, 'https://b.example', 'https://c']);
  });

  it('tells which of their tokens it accepts', () => {
    expect(build({ secret: SECRET }).accepts).toStrictEqual([]);
    expect(
      build({
        issuers: [
          { secret: SECRET, issuer, audience: 'api' },
          { secret: SECRET, issuer: ['https://b', 'https://c'] },
          { secret: SECRET, issuer: 'https://d', audience: false },
        ],
      }).accepts,
    ).toStrictEqual([
      { issuer, audience: ['api'] },
      { issuer: 'https://b' },
      { issuer: 'https://c' },
    ]);
  });
});
