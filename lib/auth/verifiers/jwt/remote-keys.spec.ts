import { createSign, generateKeyPairSync } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
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
import type { JwksCacheOptions } from './jwt-options.interface.js';
import { JwtTokenVerifier } from './jwt-token.verifier.js';

const NOW = 1_800_000_000;
const ISSUER = 'https://login.example';
const claims = { iss: ISSUER, aud: 'api', sub: 'ada', exp: NOW + 1e6 };

let first: SigningKey;
let second: SigningKey;
let rsa: SigningKey;
let server: LoopbackServer;

beforeAll(async () => {
  first = await createSigningKey('ES256', 'first');
  second = await createSigningKey('ES256', 'second');
  rsa = await createSigningKey('RS256', 'rsa');
});
beforeEach(async () => {
  server = await startLoopbackServer();
  publish(first.jwk);
  freezeTime(NOW * 1000);
});
afterEach(async () => {
  releaseTime();
  await server.close();
});

const publish = (...keys: unknown[]) =>
  server.routes.set('/jwks', { json: { keys } });
const fetches = () => server.count('/jwks');
const verifier = (jwks?: JwksCacheOptions) =>
  new JwtTokenVerifier({
    jwksUri: `${server.origin}/jwks`,
    issuer: ISSUER,
    audience: 'api',
    jwks,
    // So that each token asks for its key.
    cache: { ttl: 0 },
  });
const accepted = { subject: 'ada' };
const noKey = { name: 'InvalidTokenError', reason: 'key' };
const unavailable = { name: 'VerifierUnavailableError' };

describe('keys from jwksUri', () => {
  it('are fetched once, with the first token', async () => {
    const keys = verifier();
    expect(fetches()).toBe(0);
    const token = await first.sign(claims);
    for (let round = 0; round < 3; round += 1) {
      await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    }
    expect(fetches()).toBe(1);
  });

  it('are fetched by one request, however many tokens wait', async () => {
    const keys = verifier();
    const token = await first.sign(claims);
    await Promise.all(Array.from({ length: 20 }, () => keys.verify(token)));
    expect(fetches()).toBe(1);
  });

  it('are fetched anew after maxAge, not before', async () => {
    const keys = verifier({ maxAge: 100, cooldown: 1 });
    const token = await first.sign(claims);
    await keys.verify(token);
    passSeconds(99);
    await keys.verify(token);
    expect(fetches()).toBe(1);
    passSeconds(1);
    await keys.verify(token);
    expect(fetches()).toBe(2);
  });

  it('are fetched anew after 600 seconds by default', async () => {
    const keys = verifier();
    const token = await first.sign(claims);
    await keys.verify(token);
    passSeconds(599);
    await keys.verify(token);
    expect(fetches()).toBe(1);
    passSeconds(1);
    await keys.verify(token);
    expect(fetches()).toBe(2);
  });

  it('no longer hold once the issuer has taken them back', async () => {
    const keys = verifier({ maxAge: 100 });
    const token = await first.sign(claims);
    await keys.verify(token);
    publish(second.jwk);
    passSeconds(100);
    await expect(keys.verify(token)).rejects.toMatchObject(noKey);
  });
});

describe('a kid that is not known', () => {
  it('is looked for once more, so that a new key holds at once after the cooldown', async () => {
    const keys = verifier({ cooldown: 30 });
    await keys.verify(await first.sign(claims));
    publish(first.jwk, second.jwk);
    const token = await second.sign(claims);
    passSeconds(29);
    await expect(keys.verify(token)).rejects.toMatchObject(noKey);
    expect(fetches()).toBe(1);
    passSeconds(1);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    expect(fetches()).toBe(2);
  });

  it('causes one fetch per cooldown in a flood, together and one after another', async () => {
    const keys = verifier();
    await keys.verify(await first.sign(claims));
    const flood = async (wave: number) => {
      const tokens = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          first.sign(claims, { kid: `${wave}-${index}` }),
        ),
      );
      const judged = (token: string) =>
        expect(keys.verify(token)).rejects.toMatchObject(noKey);
      await Promise.all(tokens.slice(0, 25).map(judged));
      for (const token of tokens.slice(25)) {
        await judged(token);
      }
    };
    await flood(1);
    expect(fetches()).toBe(1);
    passSeconds(30);
    await flood(2);
    expect(fetches()).toBe(2);
    await expect(keys.verify(await first.sign(claims))).resolves.toMatchObject(
      accepted,
    );
  });

  it('causes a bounded number of fetches while the issuer is down, too', async () => {
    const keys = verifier();
    await keys.verify(await first.sign(claims));
    server.routes.set('/jwks', { status: 503 });
    passSeconds(30);
    for (let index = 0; index < 10; index += 1) {
      const token = await first.sign(claims, { kid: `unknown-${index}` });
      await expect(keys.verify(token)).rejects.toMatchObject(unavailable);
    }
    expect(fetches()).toBe(2);
  });

  it('is refused, not looked for, where the keys were fetched for this very token', async () => {
    await expect(
      verifier().verify(await second.sign(claims)),
    ).rejects.toMatchObject(noKey);
    expect(fetches()).toBe(1);
  });
});

describe('an issuer that is down', () => {
  const down = [
    ['answers 500', { status: 500 }],
    ['answers 404', { status: 404 }],
    ['redirects', { status: 302, headers: { location: '/moved' } }],
    ['sends no JSON', { text: '<html>' }],
    ['sends no key set', { json: { jwks: [] } }],
    ['sends keys that are no list', { json: { keys: {} } }],
    ['closes the connection', 'drop'],
    ['does not answer', 'hang'],
  ] as const;

  it.each(down)('(%s) is an outage, not a bad token', async (_how, reply) => {
    server.routes.set('/jwks', reply);
    publishMoved();
    const keys = verifier({ timeout: 50 });
    await expect(keys.verify(await first.sign(claims))).rejects.toMatchObject({
      ...unavailable,
      retryAfter: 5,
    });
    expect(server.count('/moved')).toBe(0);
  });

  it.each(down)('(%s) is served from the keys at hand', async (_how, reply) => {
    const timeout = reply === 'hang' ? 500 : undefined;
    const keys = verifier({ maxAge: 100, timeout });
    const token = await first.sign(claims);
    await keys.verify(token);
    server.routes.set('/jwks', reply);
    passSeconds(100);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    expect(fetches()).toBe(2);
  });

  it('is served from them for staleFor beyond maxAge, and no longer', async () => {
    const keys = verifier({ maxAge: 100, staleFor: 50, cooldown: 1 });
    const token = await first.sign(claims);
    await keys.verify(token);
    server.routes.set('/jwks', { status: 500 });
    passSeconds(149);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    passSeconds(1);
    await expect(keys.verify(token)).rejects.toMatchObject(unavailable);
    publish(first.jwk);
    passSeconds(1);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
  });

  it('is served from them for an hour by default', async () => {
    const keys = verifier();
    const token = await first.sign(claims);
    await keys.verify(token);
    server.routes.set('/jwks', { status: 500 });
    passSeconds(600 + 3599);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    passSeconds(1);
    await expect(keys.verify(token)).rejects.toMatchObject(unavailable);
  });

  it('is asked again after 5 seconds, and says so', async () => {
    server.routes.set('/jwks', { status: 500 });
    const keys = verifier();
    const token = await first.sign(claims);
    await expect(keys.verify(token)).rejects.toMatchObject({ retryAfter: 5 });
    publish(first.jwk);
    passSeconds(3);
    await expect(keys.verify(token)).rejects.toMatchObject({ retryAfter: 2 });
    passSeconds(1);
    await expect(keys.verify(token)).rejects.toMatchObject(unavailable);
    expect(fetches()).toBe(1);
    passSeconds(1);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
  });

  it('is forgotten once the keys are back', async () => {
    server.routes.set('/jwks', { status: 500 });
    const keys = verifier();
    const token = await first.sign(claims);
    await expect(keys.verify(token)).rejects.toMatchObject(unavailable);
    publish(first.jwk);
    passSeconds(5);
    await expect(keys.verify(token)).resolves.toMatchObject(accepted);
    const unknown = await first.sign(claims, { kid: 'unknown' });
    passSeconds(5);
    await expect(keys.verify(unknown)).rejects.toMatchObject(noKey);
    expect(fetches()).toBe(2);
  });

  it('keeps its cause for the log', async () => {
    server.routes.set('/jwks', { status: 500 });
    await expect(
      verifier().verify(await first.sign(claims)),
    ).rejects.toMatchObject({ cause: { failure: 'status', status: 500 } });
  });

  const publishMoved = () =>
    server.routes.set('/moved', { json: { keys: [first.jwk] } });
});

describe('the choice among keys (RFC 7517 section 4)', () => {
  const without = (token: SigningKey) => token.sign(claims, { kid: undefined });

  it('needs a kid where several fit', async () => {
    publish(first.jwk, second.jwk);
    const keys = verifier();
    await expect(keys.verify(await without(first))).rejects.toMatchObject(
      noKey,
    );
    passSeconds(30);
    await expect(keys.verify(await without(first))).rejects.toMatchObject(
      noKey,
    );
    expect(fetches()).toBe(1);
    await expect(keys.verify(await second.sign(claims))).resolves.toMatchObject(
      accepted,
    );
  });

  it('needs none where one fits', async () => {
    publish(first.jwk, rsa.jwk);
    await expect(
      verifier().verify(await without(first)),
    ).resolves.toMatchObject(accepted);
  });

  it('is never guided by a key of another kid', async () => {
    publish(first.jwk);
    await expect(
      verifier().verify(await first.sign(claims, { kid: 'FIRST' })),
    ).rejects.toMatchObject(noKey);
  });

  it('refuses two keys of one kid', async () => {
    publish(first.jwk, { ...second.jwk, kid: 'first' });
    await expect(
      verifier().verify(await first.sign(claims)),
    ).rejects.toMatchObject(noKey);
  });

  it('skips entries that are no usable key', async () => {
    const { kid: _kid, alg: _alg, ...bare } = first.jwk;
    publish(
      null,
      'key',
      42,
      [],
      {},
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      { kty: 'RSA', e: 'AQAB' },
      { kty: 'oct', k: 'c2VjcmV0', alg: 'ES256' },
      { kty: 'OKP', crv: 'X25519', x: first.jwk.x },
      { kty: 'EC', crv: 'secp256k1', x: first.jwk.x, y: first.jwk.y },
      { ...bare, d: 'AA' },
      { ...second.jwk, use: 'enc' },
      { ...second.jwk, key_ops: ['encrypt'] },
      { ...second.jwk, alg: 'ES384' },
      bare,
    );
    await expect(
      verifier().verify(await without(first)),
    ).resolves.toMatchObject(accepted);
  });

  it('refuses a private key that was published by mistake', async () => {
    const pair = await generateKeyPair('ES256', { extractable: true });
    publish({ ...(await exportJWK(pair.privateKey)), kid: 'first' });
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'first' })
      .sign(pair.privateKey);
    await expect(verifier().verify(token)).rejects.toMatchObject(noKey);
  });

  it('refuses an RSA key of less than 2048 bits (RFC 7518 section 3.3)', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    publish({ ...weak.publicKey.export({ format: 'jwk' }), kid: 'weak' });
    const part = (value: unknown) =>
      Buffer.from(JSON.stringify(value)).toString('base64url');
    const unsigned = `${part({ alg: 'RS256', kid: 'weak' })}.${part(claims)}`;
    const signature = createSign('sha256')
      .update(unsigned)
      .sign(weak.privateKey, 'base64url');
    await expect(
      verifier().verify(`${unsigned}.${signature}`),
    ).rejects.toMatchObject({ name: 'InvalidTokenError' });
  });

  it.each(['ES384', 'ES512', 'EdDSA', 'PS256'])(
    'reads keys for %s',
    async (alg) => {
      const signer = await createSigningKey(alg);
      publish({ ...signer.jwk, alg: undefined });
      await expect(
        verifier().verify(await signer.sign(claims)),
      ).resolves.toMatchObject(accepted);
    },
  );
});

describe('several issuers with key sets', () => {
  it('never look a kid up across them', async () => {
    const other = await startLoopbackServer();
    try {
      other.routes.set('/jwks', { json: { keys: [second.jwk] } });
      const keys = new JwtTokenVerifier({
        issuers: [
          { issuer: ISSUER, jwksUri: `${server.origin}/jwks`, audience: 'api' },
          {
            issuer: 'https://other.example',
            jwksUri: `${other.origin}/jwks`,
            audience: 'api',
          },
        ],
      });
      await expect(
        keys.verify(await second.sign(claims)),
      ).rejects.toMatchObject(noKey);
      expect(other.requests).toEqual([]);
      await expect(
        keys.verify(
          await second.sign({ ...claims, iss: 'https://other.example' }),
        ),
      ).resolves.toMatchObject(accepted);
      await keys
        .verify(await first.sign({ ...claims, iss: 'https://evil.example' }))
        .catch(() => {});
      expect([fetches(), other.requests.length]).toEqual([1, 1]);
    } finally {
      await other.close();
    }
  });
});
