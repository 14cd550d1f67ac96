import { DpopKey, tokenHash } from '../../../test/support/dpop-key.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import type { TokenClaims } from '../token/claims.js';
import {
  TokenVerifier,
  type VerifyContext,
} from '../verifiers/token-verifier.js';
import { BearerAuthProvider } from './bearer-auth.provider.js';

class Recorder extends TokenVerifier {
  override readonly audienceBinding = 'construction';
  readonly asked: [string, VerifyContext | undefined][] = [];
  answer: () => TokenClaims | null = () => ({ sub: 'ada' });

  override verify(token: string, context?: VerifyContext) {
    this.asked.push([token, context]);
    return Promise.resolve().then(() => this.answer());
  }
}

let verifier: Recorder;
let refusals: unknown[];

const provider = () =>
  new BearerAuthProvider({
    verifier,
    audience: ({ headers }) => [`https://${headers.host}`],
    onRefusal: (reason) => refusals.push(reason),
  });
const ask = (authorization?: string) =>
  provider().authenticate({
    headers: {
      host: 'a.example',
      ...(authorization !== undefined && { authorization }),
    },
  });

beforeEach(() => {
  verifier = new Recorder();
  refusals = [];
});

it('hands the verifier the token, the names of the server and the scheme', async () => {
  const token = await ask('Bearer abc');
  expect(token?.subject).toBe('ada');
  expect(token?.token).toBe('abc');
  expect(verifier.asked).toEqual([
    ['abc', { audience: ['https://a.example'], tokenType: 'bearer' }],
  ]);
  expect(refusals).toEqual([]);
});

it.each([undefined, '', 'Basic abc', 'Bearerabc', 'DPoPabc', 'abc'])(
  'takes %j for no credentials (RFC 6750 2.1)',
  async (authorization) => {
    expect(await ask(authorization)).toBeNull();
    expect(verifier.asked).toEqual([]);
  },
);

it.each(['bearer abc', 'BEARER abc', 'Bearer  abc', 'Bearer abc '])(
  'reads %j (RFC 9110 11.1)',
  async (authorization) => {
    expect((await ask(authorization))?.token).toBe('abc');
  },
);

it.each([
  'Bearer',
  'Bearer ',
  'Bearer a b',
  'Bearer a,b',
  'Bearer a=b',
  'Bearer =',
  'Bearer ä',
])(
  'refuses %j as malformed, without asking (RFC 6750 2.1)',
  async (authorization) => {
    await expect(ask(authorization)).rejects.toMatchObject({
      reason: 'malformed',
    });
    expect(verifier.asked).toEqual([]);
  },
);

it.each(['a', 'a.b-c_d~e+f/g', 'a==', '0123456789'])(
  'asks about the b64token %j',
  async (token) => {
    expect((await ask(`Bearer ${token}`))?.token).toBe(token);
  },
);

it('refuses what the verifier does not know', async () => {
  verifier.answer = () => null;
  await expect(ask('Bearer abc')).rejects.toThrow(InvalidTokenError);
});

it('refuses where the verifier throws, and tells the log why', async () => {
  const reason = new Error('why');
  verifier.answer = () => {
    throw reason;
  };
  await expect(ask('Bearer abc')).rejects.toThrow(InvalidTokenError);
  expect(refusals).toEqual([reason]);
});

it('passes an outage on', async () => {
  verifier.answer = () => {
    throw new VerifierUnavailableError('down');
  };
  await expect(ask('Bearer abc')).rejects.toThrow(VerifierUnavailableError);
  expect(refusals).toEqual([]);
});

describe('a token that is bound', () => {
  it.each([
    { jkt: 'thumbprint' },
    { 'x5t#S256': 'thumbprint' },
    { kid: 'x' },
    {},
    null,
  ])(
    'to %j is refused as a bearer token (RFC 9449 7.2, RFC 8705 3)',
    async (cnf) => {
      verifier.answer = () => ({ sub: 'ada', cnf });
      await expect(ask('Bearer abc')).rejects.toMatchObject({
        reason: 'binding',
      });
      expect(refusals).toHaveLength(1);
    },
  );

  it('by its type alone is refused as a bearer token', async () => {
    verifier.answer = () => ({ sub: 'ada', token_type: 'DPoP' });
    await expect(ask('Bearer abc')).rejects.toMatchObject({
      reason: 'binding',
    });
  });

  const askWith = async (scheme: string, htu: string) => {
    const key = await DpopKey.create();
    verifier.answer = () => ({ sub: 'ada', cnf: { jkt: key.jkt } });
    const dpop = await key.prove({ htm: 'GET', htu, ath: tokenHash('abc') });
    const request = {
      method: 'GET',
      headers: { host: 'a.example', authorization: `${scheme} abc`, dpop },
    };
    return provider().authenticate(request);
  };

  it.each(['DPoP', 'dpop', 'DPOP'])(
    'is let in as %s with its proof (RFC 9449 7.1)',
    async (scheme) => {
      expect(await askWith(scheme, 'https://a.example')).toMatchObject({
        subject: 'ada',
        tokenType: 'dpop',
      });
      expect(verifier.asked[0]?.[1]?.tokenType).toBe('dpop');
      expect(refusals).toEqual([]);
    },
  );

  it('is refused as Bearer also with its proof', async () => {
    await expect(askWith('Bearer', 'https://a.example')).rejects.toMatchObject({
      reason: 'binding',
    });
  });

  it('is refused with a proof for another server, and the log told why', async () => {
    await expect(askWith('DPoP', 'https://b.example')).rejects.toMatchObject({
      reason: 'binding',
    });
    expect(refusals).toHaveLength(1);
  });
});

it('refuses DPoP with a token that is not bound (RFC 9449 7.1)', async () => {
  await expect(ask('DPoP abc')).rejects.toMatchObject({ reason: 'binding' });
});
