import type { TokenClaims } from '../token/claims.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import {
  TokenVerifier,
  type VerifyContext,
} from '../verifiers/token-verifier.js';
import { ApiKeyAuthProvider } from './api-key-auth.provider.js';

class Recorder extends TokenVerifier {
  override readonly audienceBinding = 'construction';
  readonly asked: [string, VerifyContext | undefined][] = [];
  prepared = 0;
  answer: () => TokenClaims | null = () => ({ sub: 'ada' });

  override verify(key: string, context?: VerifyContext) {
    this.asked.push([key, context]);
    return Promise.resolve().then(() => this.answer());
  }
  override prepare(): Promise<void> {
    this.prepared++;
    return Promise.resolve();
  }
}

let verifier: Recorder;
beforeEach(() => {
  verifier = new Recorder();
});

const ask = (
  headers: Record<string, string | string[]>,
  options: { header?: string } = {},
) => new ApiKeyAuthProvider({ verifier, ...options }).authenticate({ headers });

it('hands the verifier the key, and says what kind of token it is', async () => {
  const token = await ask({ 'x-api-key': 'k-1' });
  expect([token?.subject, token?.token, token?.tokenType]).toEqual([
    'ada',
    'k-1',
    'api_key',
  ]);
  expect(verifier.asked).toEqual([['k-1', { tokenType: 'api_key' }]]);
});

it('reads the header of choice, in any case, and no other', async () => {
  const options = { header: 'X-House-Key' };
  expect((await ask({ 'x-house-key': 'k' }, options))?.token).toBe('k');
  expect(await ask({ 'x-api-key': 'k' }, options)).toBeNull();
});

it.each([{}, { authorization: 'Bearer k' }, { 'x-other': 'k' }])(
  'takes %j for no credentials',
  async (headers) => {
    expect(await ask(headers as Record<string, string>)).toBeNull();
    expect(verifier.asked).toEqual([]);
  },
);

it('refuses what is bound to a key, which nothing here proves (RFC 9449 7.1)', async () => {
  verifier.answer = () => ({ sub: 'ada', cnf: { jkt: 'thumbprint' } });
  await expect(ask({ 'x-api-key': 'k' })).rejects.toThrow(InvalidTokenError);
});

it('takes a header that was sent twice for one key, which none is', async () => {
  await ask({ 'x-api-key': ['a', 'b'] });
  expect(verifier.asked[0]?.[0]).toBe('a, b');
});

it('has an empty key judged, as it is no missing one', async () => {
  verifier.answer = () => null;
  await expect(ask({ 'x-api-key': '' })).rejects.toThrow(InvalidTokenError);
});

it.each<[string, () => TokenClaims | null]>([
  ['null', () => null],
  ['claims that have expired', () => ({ sub: 'ada', exp: 1 })],
  [
    'an error',
    () => {
      throw new TypeError('no database');
    },
  ],
])('refuses a key for which the verifier has %s', async (_, answer) => {
  verifier.answer = answer;
  await expect(ask({ 'x-api-key': 'k' })).rejects.toThrow(InvalidTokenError);
});

it('passes an outage on', async () => {
  verifier.answer = () => {
    throw new VerifierUnavailableError('down');
  };
  await expect(ask({ 'x-api-key': 'k' })).rejects.toThrow(
    VerifierUnavailableError,
  );
});

it('makes its verifier ready', async () => {
  await new ApiKeyAuthProvider({ verifier }).prepare();
  expect(verifier.prepared).toBe(1);
});

it('refuses a verifier that takes keys made for other servers', () => {
  class Careless extends TokenVerifier {
    override verify() {
      return Promise.resolve({ sub: 'anybody' });
    }
  }
  expect(() => new ApiKeyAuthProvider({ verifier: new Careless() })).toThrow(
    'ApiKeyAuthProvider: Careless does not tell how its tokens are bound',
  );
});
