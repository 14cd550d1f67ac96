import { base64url, calculateJwkThumbprint } from 'jose';
import { DpopKey, tokenHash } from '../../../test/support/dpop-key.js';
import { AccessToken } from '../token/access-token.js';
import { DPOP_ALGORITHMS, DpopProofs } from './dpop.proof.js';

const URLS = ['https://a.example/mcp', 'https://b.example:8443/mcp'];
const TOKEN = 'the.access.token';

let key: DpopKey;
let proofs: DpopProofs;

beforeAll(async () => {
  key = await DpopKey.create();
});
beforeEach(() => {
  proofs = new DpopProofs();
});

const now = () => Math.floor(Date.now() / 1000);

const prove = (
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
  by = key,
): Promise<string> =>
  by.prove({ htu: URLS[0], ath: tokenHash(TOKEN), ...claims }, header);

const check = (
  dpop: string | string[] | undefined,
  { method = 'POST', cnf = { jkt: key.jkt } as unknown, urls = URLS } = {},
) =>
  proofs.check({
    request: { method, headers: { dpop } },
    token: new AccessToken({ token: TOKEN, claims: { cnf } }),
    credentials: TOKEN,
    urls,
  });
const refused = expect.objectContaining({
  name: 'InvalidTokenError',
  reason: 'binding',
});

it('accepts a proof (RFC 9449 4.3)', async () => {
  await check(await prove());
});

it.each(DPOP_ALGORITHMS)('accepts a proof signed by %s', async (alg) => {
  const own = await DpopKey.create(alg);
  await check(await prove({}, {}, own), { cnf: { jkt: own.jkt } });
});

it.each([
  'https://a.example/mcp?x=1#y',
  'HTTPS://A.example:443/mcp',
  'https://a.example/x/../mcp',
  'https://b.example:8443/mcp',
])('takes %s for the URL of the request (RFC 9449 4.3)', async (htu) => {
  await check(await prove({ htu }));
});

it.each([
  ['another method', { htm: 'GET' }],
  ['a method in lower case', { htm: 'post' }],
  ['no method', { htm: undefined }],
  ['another path', { htu: 'https://a.example/mcp/x' }],
  ['another host', { htu: 'https://evil.example/mcp' }],
  ['another port', { htu: 'https://a.example:8443/mcp' }],
  ['another protocol', { htu: 'http://a.example/mcp' }],
  ['credentials in its URL', { htu: 'https://u:p@a.example/mcp' }],
  ['a path alone', { htu: '/mcp' }],
  ['no URL', { htu: undefined }],
  ['a URL that is a list', { htu: [URLS[0]] }],
  ['the hash of another token', { ath: tokenHash('another') }],
  ['the token itself as hash', { ath: TOKEN }],
  ['no hash', { ath: undefined }],
  ['no id', { jti: undefined }],
  ['an empty id', { jti: '' }],
  ['an id that is a number', { jti: 7 }],
  ['no time', { iat: undefined }],
  ['a time that is text', { iat: String(now()) }],
  ['an old time', { iat: now() - 70 }],
  ['a time to come', { iat: now() + 300 }],
  ['an expiry in the past', { exp: now() - 30 }],
])('refuses a proof with %s', async (_, claims) => {
  await expect(check(await prove(claims))).rejects.toEqual(refused);
});

it.each([-50, 3])(
  'accepts a proof made %d seconds from now',
  async (seconds) => {
    await check(await prove({ iat: now() + seconds }));
  },
);

it.each([
  ['another type', { typ: 'JWT' }],
  ['no type', { typ: undefined }],
  ['no key', { jwk: undefined }],
  ['a key that is none', { jwk: { kty: 'EC' } }],
  ['a key that is text', { jwk: 'key' }],
])('refuses a proof with %s', async (_, header) => {
  await expect(check(await prove({}, header))).rejects.toEqual(refused);
});

it('refuses a proof that holds its private key', async () => {
  for (const jwk of [key.privateJwk, { ...key.jwk, k: '' }]) {
    await expect(check(await prove({}, { jwk }))).rejects.toEqual(refused);
  }
});

it('refuses a proof by another key, and one that names a key it is not signed by', async () => {
  const other = await DpopKey.create();
  for (const proof of [
    await prove({}, {}, other),
    await prove({}, { jwk: key.jwk }, other),
  ]) {
    await expect(check(proof)).rejects.toEqual(refused);
  }
});

it('refuses an algorithm that is not on the list', async () => {
  const own = await DpopKey.create('RS512');
  await expect(
    check(await prove({}, {}, own), { cnf: { jkt: own.jkt } }),
  ).rejects.toEqual(refused);
});

it('takes no two things that are no URLs for the same', async () => {
  await expect(
    check(await prove({ htu: 'x' }), { urls: ['y', 'x'] }),
  ).rejects.toEqual(refused);
});

it('refuses a shared secret, and no signature at all (RFC 8725 3.1)', async () => {
  const secret = new Uint8Array(32).fill(7);
  const oct = { kty: 'oct', k: base64url.encode(secret) };
  const hmac = await key.prove(
    { htu: URLS[0], ath: tokenHash(TOKEN) },
    { alg: 'HS256', jwk: oct },
    secret,
  );
  await expect(
    check(hmac, { cnf: { jkt: await calculateJwkThumbprint(oct) } }),
  ).rejects.toEqual(refused);
  const [, payload] = (await prove()).split('.');
  const none = base64url.encode(
    JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: key.jwk }),
  );
  for (const proof of [`${none}.${payload}.`, `${none}.${payload}.AA`]) {
    await expect(check(proof)).rejects.toEqual(refused);
  }
});

it('refuses no header, two headers, and what is no JWT', async () => {
  const [one, two] = [await prove(), await prove()];
  for (const header of [
    undefined,
    '',
    'x',
    'a.b.c',
    `${one}, ${two}`,
    `${one},`,
    ` ${one}`,
    `${one} `,
    `${one.slice(0, -5)} ${one.slice(-5)}`,
    [one, two],
    [one],
  ]) {
    await expect(check(header)).rejects.toEqual(refused);
  }
  await check(one);
});
