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
import type { JwtVerifierOptions } from './jwt-options.interface.js';
import { JwtTokenVerifier } from './jwt-token.verifier.js';

const NOW = 1_800_000_000;
const ISSUER = 'https://login.example';
const A = 'https://api.example/a';
const B = 'https://api.example/b';
const claims = { iss: ISSUER, aud: A, sub: 'ada', exp: NOW + 600 };

let key: SigningKey;
let other: SigningKey;

beforeAll(async () => {
  key = await createSigningKey('ES256', 'first');
  other = await createSigningKey('ES256', 'second');
});
beforeEach(() => freezeTime(NOW * 1000));
afterEach(() => releaseTime());

const verifier = (options: JwtVerifierOptions = {}) =>
  new JwtTokenVerifier({ publicKey: key.pem, issuer: ISSUER, ...options });
const signed = (changes: Record<string, unknown> = {}) =>
  key.sign({ ...claims, ...changes });
const at = (name: string) => ({ audience: [name] });
const refused = (reason: string) =>
  expect.objectContaining({ name: 'InvalidTokenError', reason });

describe('a token that was found good', () => {
  it('is not verified again for 60 seconds', async () => {
    const jwts = verifier();
    const token = await signed();
    const first = await jwts.verify(token, at(A));
    passSeconds(59.999);
    expect(await jwts.verify(token, at(A))).toBe(first);
    passSeconds(0.001);
    const second = await jwts.verify(token, at(A));
    expect(second).not.toBe(first);
    expect(await jwts.verify(token, at(A))).toBe(second);
  });

  it('is read once for requests to one server by one scheme', async () => {
    const jwts = verifier();
    const token = await signed();
    const context = { ...at(A), tokenType: 'dpop' };
    const first = await jwts.verify(token, context);
    expect(await jwts.verify(token, { ...context })).toBe(first);
  });

  it('is verified each time with cache.ttl: 0', async () => {
    const jwts = verifier({ cache: { ttl: 0 } });
    const token = await signed();
    expect(await jwts.verify(token, at(A))).not.toBe(
      await jwts.verify(token, at(A)),
    );
  });

  it('is one of at most cache.maxEntries, of which the oldest goes first', async () => {
    const jwts = verifier({ cache: { maxEntries: 2 } });
    const tokens = [
      await signed({ sub: '1' }),
      await signed({ sub: '2' }),
      await signed({ sub: '3' }),
    ] as const;
    const before = [];
    for (const token of tokens) {
      before.push(await jwts.verify(token, at(A)));
    }
    expect(await jwts.verify(tokens[1], at(A))).toBe(before[1]);
    expect(await jwts.verify(tokens[2], at(A))).toBe(before[2]);
    expect(await jwts.verify(tokens[0], at(A))).not.toBe(before[0]);
  });

  it('is good to this verifier alone', async () => {
    const token = await signed();
    await verifier().verify(token, at(A));
    for (const [options, reason] of [
      [{ publicKey: other.pem }, 'signature'],
      [{ issuer: 'https://another.example' }, 'issuer'],
      [{ typ: 'at+jwt' }, 'kind'],
      [{ requiredClaims: { tenant: true } }, 'claims'],
    ] as const) {
      await expect(verifier(options).verify(token, at(A))).rejects.toEqual(
        refused(reason),
      );
    }
  });

  it('lends nothing to one with the same payload and another signature', async () => {
    const jwts = verifier();
    await jwts.verify(await signed(), at(A));
    await expect(jwts.verify(await other.sign(claims), at(A))).rejects.toEqual(
      refused('signature'),
    );
  });
});

describe('a token that was found good is looked at on every request', () => {
  it('for its expiry (RFC 7519 section 4.1.4)', async () => {
    const jwts = verifier();
    const token = await signed({ exp: NOW + 10 });
    await jwts.verify(token, at(A));
    passSeconds(9);
    await expect(jwts.verify(token, at(A))).resolves.toBeDefined();
    passSeconds(1);
    await expect(jwts.verify(token, at(A))).rejects.toEqual(refused('expired'));
  });

  it('for nbf (RFC 7519 section 4.1.5), should the clock be put back', async () => {
    const jwts = verifier();
    const token = await signed({ nbf: NOW });
    await jwts.verify(token, at(A));
    passSeconds(-1);
    await expect(jwts.verify(token, at(A))).rejects.toEqual(
      refused('not_yet_valid'),
    );
  });

  it('for both with clockTolerance', async () => {
    const jwts = verifier({ clockTolerance: 5 });
    const token = await signed({ nbf: NOW, exp: NOW + 10 });
    await jwts.verify(token, at(A));
    for (const [seconds, reason] of [
      [-5, undefined],
      [-6, 'not_yet_valid'],
      [14, undefined],
      [15, 'expired'],
    ] as const) {
      freezeTime((NOW + seconds) * 1000);
      const answer = jwts.verify(token, at(A));
      await (reason === undefined
        ? expect(answer).resolves.toBeDefined()
        : expect(answer).rejects.toEqual(refused(reason)));
    }
  });

  it('for its audience, as servers may share a verifier (RFC 8707)', async () => {
    const jwts = verifier();
    const token = await signed();
    await jwts.verify(token, at(A));
    for (const context of [at(B), undefined, {}]) {
      await expect(jwts.verify(token, context)).rejects.toEqual(
        refused('audience'),
      );
    }
    await expect(jwts.verify(token, at(A))).resolves.toBeDefined();
  });

  it('for the server and the scheme that it was sent to and by', async () => {
    const jwts = verifier();
    const token = await signed({ aud: [A, B] });
    for (const [resource, tokenType] of [
      [A, 'bearer'],
      [B, 'bearer'],
      [B, 'dpop'],
      [A, 'bearer'],
    ] as const) {
      expect(
        await jwts.verify(token, { ...at(resource), tokenType }),
      ).toMatchObject({ resource, tokenType });
    }
  });
});

describe('a refusal is not kept', () => {
  it('of a token whose time has not come', async () => {
    const jwts = verifier();
    const token = await signed({ nbf: NOW + 10 });
    await expect(jwts.verify(token, at(A))).rejects.toEqual(
      refused('not_yet_valid'),
    );
    passSeconds(10);
    await expect(jwts.verify(token, at(A))).resolves.toBeDefined();
  });

  it('of a token for another server, nor does it take the place of a good one', async () => {
    const jwts = verifier({ cache: { maxEntries: 1 } });
    const good = await signed();
    const first = await jwts.verify(good, at(A));
    const foreign = await signed({ aud: B });
    await expect(jwts.verify(foreign, at(A))).rejects.toEqual(
      refused('audience'),
    );
    expect(await jwts.verify(good, at(A))).toBe(first);
    await expect(jwts.verify(foreign, at(B))).resolves.toBeDefined();
  });
});

describe('a key that its issuer has taken back', () => {
  let server: LoopbackServer;

  beforeEach(async () => {
    server = await startLoopbackServer();
  });
  afterEach(() => server.close());

  const publish = (...keys: unknown[]) =>
    server.routes.set('/jwks', { json: { keys } });
  const remote = (cache?: JwtVerifierOptions['cache']) =>
    verifier({
      publicKey: undefined,
      jwksUri: `${server.origin}/jwks`,
      jwks: { maxAge: 1, cooldown: 0 },
      cache,
    });

  it.each([
    [undefined, 60],
    [{ ttl: 5 }, 5],
    [{ ttl: 0 }, 1],
  ])('with cache: %j holds for no more than %i seconds', async (cache, ttl) => {
    const jwts = remote(cache);
    const token = await signed();
    publish(key.jwk, other.jwk);
    await jwts.verify(token, at(A));
    publish(other.jwk);
    passSeconds(ttl - 0.001);
    await expect(jwts.verify(token, at(A))).resolves.toBeDefined();
    passSeconds(0.001);
    await expect(jwts.verify(token, at(A))).rejects.toEqual(refused('key'));
  });

  it('holds at once when it is given back', async () => {
    const jwts = remote();
    const token = await signed();
    publish(other.jwk);
    await expect(jwts.verify(token, at(A))).rejects.toEqual(refused('key'));
    publish(key.jwk);
    await expect(jwts.verify(token, at(A))).resolves.toBeDefined();
  });
});
