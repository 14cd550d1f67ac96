import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { publicHalf, signingKeys } from './server-keys.js';

function ec(namedCurve = 'P-256'): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve }).privateKey.export({
    format: 'jwk',
  });
}

function rsa(modulusLength: number): JsonWebKey {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({
    format: 'jwk',
  });
}

describe('signingKeys', () => {
  it('names keys by their thumbprint, unless they have a name', async () => {
    const key = ec();
    const [first] = await signingKeys([key]);
    const [again] = await signingKeys([key]);
    const [named] = await signingKeys([{ ...key, kid: 'mine' }]);
    expect(first.kid).toHaveLength(43);
    expect(again.kid).toBe(first.kid);
    expect(named.kid).toBe('mine');
  });

  it('keeps the order: the first signs', async () => {
    const keys = await signingKeys([
      { ...ec(), kid: 'a' },
      { ...ec('P-384'), kid: 'b' },
      { ...rsa(2048), kid: 'c' },
    ]);
    expect(keys.map(({ kid, alg }) => [kid, alg])).toEqual([
      ['a', 'ES256'],
      ['b', 'ES384'],
      ['c', 'RS256'],
    ]);
  });

  it('takes the algorithm that a key names', async () => {
    const [key] = await signingKeys([{ ...rsa(2048), alg: 'PS256' }]);
    expect(key.alg).toBe('PS256');
  });

  const { d: _d, ...publicKey } = ec();
  it.each([
    ['a public key', publicKey],
    ['a shared secret', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
    [
      'a shared secret in disguise',
      { kty: 'oct', k: 'c2VjcmV0', d: 'x', alg: 'HS256' },
    ],
    ['no algorithm at all', { ...ec(), alg: 'none' }],
    ['an algorithm of another kind of key', { ...ec(), alg: 'RS256' }],
    ['an algorithm of another curve', { ...ec('P-384'), alg: 'ES256' }],
    ['an algorithm that encrypts', { ...rsa(2048), alg: 'RSA-OAEP' }],
    ['a curve that does not sign here', { ...ec('secp256k1') }],
    ['halves of two keys', { ...ec(), d: ec().d }],
    ['RSA of 1024 bits', rsa(1024)],
    [
      'a public PEM',
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .publicKey.export({ format: 'pem', type: 'spki' })
        .toString(),
    ],
    ['text', 'not a key'],
    ['nothing', ''],
  ])('stops at %s, and does not say what it was', async (_, input) => {
    const failure = await signingKeys([ec(), input]).catch(
      (error: unknown) => error as Error,
    );
    expect(failure).toHaveProperty(
      'message',
      expect.stringContaining('signingKeys[1] is no private key'),
    );
    expect((failure as Error).message).not.toMatch(/c2VjcmV0|BEGIN/);
  });

  it('stops at two keys of one name', async () => {
    const key = ec();
    await expect(signingKeys([key, key])).rejects.toThrow(
      'two keys have the kid',
    );
  });
});

describe('publicHalf', () => {
  it('has nothing that is secret', async () => {
    for (const input of [ec(), rsa(2048)]) {
      const [key] = await signingKeys([input]);
      const half = publicHalf(key);
      for (const member of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']) {
        expect(half).not.toHaveProperty(member);
      }
      expect(half).toMatchObject({ kid: key.kid, alg: key.alg, use: 'sig' });
    }
  });
});
