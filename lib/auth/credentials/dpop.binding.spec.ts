import { DpopKey, tokenHash } from '../../../test/support/dpop-key.js';
import { AccessToken } from '../token/access-token.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { DpopProofs, isBound, type ToBeProved } from './dpop.proof.js';
import { UsedProofs } from './dpop.proof.js';

const URLS = ['https://a.example/mcp'];
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
): Promise<string> =>
  key.prove({ htu: URLS[0], ath: tokenHash(TOKEN), ...claims });

const proved = (
  dpop: string,
  { method = 'POST', claims = { cnf: { jkt: key.jkt } } as object } = {},
): ToBeProved => ({
  request: { method, headers: { dpop } },
  token: new AccessToken({ token: TOKEN, claims: { ...claims } }),
  credentials: TOKEN,
  urls: URLS,
});
const check = (...parameters: Parameters<typeof proved>) =>
  proofs.check(proved(...parameters));
const refused = expect.objectContaining({
  name: 'InvalidTokenError',
  reason: 'binding',
});

it('accepts what the other tests change', async () => {
  await check(await prove());
});

it.each([null, {}, 'jkt', [], { jkt: 7 }, { 'x5t#S256': 'x' }, { jwk: {} }])(
  'refuses a token bound by %j: DPoP cannot prove it',
  async (cnf) => {
    await expect(check(await prove(), { claims: { cnf } })).rejects.toEqual(
      refused,
    );
  },
);

it('refuses a token that is not bound, whatever the proof (RFC 9449 7.1)', async () => {
  await expect(check(await prove(), { claims: {} })).rejects.toEqual(refused);
});

it('refuses a token that is bound to a certificate as well', async () => {
  await expect(
    check(await prove(), {
      claims: { cnf: { jkt: key.jkt, 'x5t#S256': 'x' } },
    }),
  ).rejects.toEqual(refused);
});

it('takes a proof once, and one that it refused later still', async () => {
  const proof = await prove();
  await expect(check(proof, { method: 'GET' })).rejects.toEqual(refused);
  await check(proof);
  await expect(check(proof)).rejects.toEqual(refused);
  const ids = await Promise.all([
    prove({ jti: 'same' }),
    prove({ jti: 'same', iat: now() - 1 }),
  ]);
  const outcomes = await Promise.allSettled(ids.map((id) => check(id)));
  expect(outcomes.map(({ status }) => status).sort()).toEqual([
    'fulfilled',
    'rejected',
  ]);
});

it('takes a proof again where a second guard looks at the same request', async () => {
  const first = proved(await prove());
  await proofs.check(first);
  await proofs.check(first);
  await expect(
    proofs.check({ ...first, request: { ...first.request } }),
  ).rejects.toEqual(refused);
});

it('answers for the time being where it can remember no more proofs', async () => {
  proofs = new DpopProofs(new UsedProofs(70, 1));
  await check(await prove());
  await expect(check(await prove())).rejects.toThrow(VerifierUnavailableError);
});

it.each([
  [{ claims: { cnf: { jkt: 'x' } } }, true],
  [{ claims: { cnf: { 'x5t#S256': 'x' } } }, true],
  [{ claims: { cnf: null } }, true],
  [{ claims: { cnf: false } }, true],
  [{ tokenType: 'DPoP' }, true],
  [{ claims: { sub: 'ada' } }, false],
  [{}, false],
])('finds out whether %j is bound', (init, bound) => {
  expect(isBound(new AccessToken({ token: 'x', ...init }))).toBe(bound);
});
