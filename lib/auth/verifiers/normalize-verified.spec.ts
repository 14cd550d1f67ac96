import { AccessToken } from '../token/access-token.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { freezeTime, releaseTime } from '../../../test/support/frozen-time.js';
import { normalizeVerified, verifyWith } from './normalize-verified.js';
import { TokenVerifier, type AudienceBinding } from './token-verifier.js';

const NOW = 1_800_000_000;
beforeEach(() => freezeTime(NOW * 1000));
afterEach(() => releaseTime());

describe('normalizeVerified', () => {
  it('passes a token through', () => {
    const token = new AccessToken({ token: 't' });
    expect(normalizeVerified('t', token)).toBe(token);
  });

  it('refuses an expired one, with the tolerance of its verifier', () => {
    const expiresAt = new Date((NOW - 4) * 1000);
    const token = new AccessToken({ token: 't', expiresAt });
    expect(normalizeVerified('t', token)).toBeNull();
    const lenient = new AccessToken({
      token: 't',
      expiresAt,
      clockTolerance: 5,
    });
    expect(normalizeVerified('t', lenient)).toBe(lenient);
  });

  it('makes a token of plain claims, roles and permissions kept', () => {
    expect(
      normalizeVerified('t', {
        user_id: 'ada',
        roles: ['user'],
        permissions: ['read', 'write'],
      }),
    ).toMatchObject({
      token: 't',
      subject: 'ada',
      roles: ['user'],
      permissions: ['read', 'write'],
    });
  });

  it('takes the type from the claims, else from the request', () => {
    const sent = { tokenType: 'api_key' };
    expect(normalizeVerified('t', {}, sent)?.tokenType).toBe('api_key');
    expect(
      normalizeVerified('t', { token_type: 'Other' }, sent)?.tokenType,
    ).toBe('other');
    expect(normalizeVerified('t', {})?.tokenType).toBe('bearer');
  });

  it.each([
    null,
    undefined,
    false,
    true,
    'ada',
    1,
    [],
    [{ sub: 'ada' }],
    { sub: 'ada', active: false },
    { sub: 'ada', active: 'true' },
    { sub: 'ada', valid: false },
    { sub: 'ada', error: 'expired' },
    { sub: 'ada', exp: NOW },
    { sub: 'ada', expires_at: NOW - 1 },
  ])('refuses %p', (result) => {
    expect(normalizeVerified('t', result as null)).toBeNull();
  });

  it('refuses claims that hold only later (RFC 7519 section 4.1.5)', () => {
    expect(normalizeVerified('t', { nbf: NOW, exp: NOW + 1 })).not.toBeNull();
    expect(() => normalizeVerified('t', { nbf: NOW + 1 })).toThrow(
      expect.objectContaining({ reason: 'not_yet_valid' }),
    );
  });
});

describe('verifyWith', () => {
  const make = (
    verify: TokenVerifier['verify'],
    binding: AudienceBinding = 'construction',
  ) => {
    class Mine extends TokenVerifier {
      override readonly audienceBinding = binding;
      override verify = verify;
    }
    return new Mine();
  };

  it('returns the normalised answer', async () => {
    const verifier = make(async (token) => ({ sub: token }));
    expect(await verifyWith(verifier, 'ada')).toMatchObject({
      subject: 'ada',
    });
  });

  it('turns whatever is thrown into a refusal, and tells it', async () => {
    for (const thrown of [
      new InvalidTokenError('expired'),
      new TypeError('internal detail'),
      'text',
      undefined,
    ]) {
      const told: unknown[] = [];
      const verifier = make(() => Promise.reject(thrown as Error));
      expect(
        await verifyWith(verifier, 't', {}, (error) => told.push(error)),
      ).toBeNull();
      expect(told).toEqual([thrown]);
      expect(await verifyWith(verifier, 't')).toBeNull();
    }
  });

  it('takes what is thrown at once, and claims that cannot be read, alike', async () => {
    const verifier = make(() => {
      throw new Error('at once');
    });
    expect(await verifyWith(verifier, 't')).toBeNull();
    expect(
      await verifyWith(
        make(async () => ({ exp: 'x' })),
        't',
      ),
    ).toBeNull();
    expect(
      await verifyWith(
        make(async () => ({ nbf: NOW + 9 })),
        't',
      ),
    ).toBeNull();
  });

  it('lets an outage through', async () => {
    const outage = new VerifierUnavailableError('down');
    await expect(
      verifyWith(
        make(() => Promise.reject(outage)),
        't',
      ),
    ).rejects.toBe(outage);
  });

  it('compares aud of plain claims where the verifier binds by claim (RFC 8707)', async () => {
    const judge = (binding: AudienceBinding, aud: unknown, names?: string[]) =>
      verifyWith(
        make(async () => ({ sub: 'ada', aud }), binding),
        't',
        {
          audience: names,
        },
      );
    expect(await judge('claim', 'api', ['x', 'api'])).not.toBeNull();
    expect(await judge('claim', ['y', 'api'], ['api'])).not.toBeNull();
    expect(await judge('claim', 'api', ['x'])).toBeNull();
    expect(await judge('claim', undefined, ['api'])).toBeNull();
    expect(await judge('claim', 'api', undefined)).toBeNull();
    for (const binding of ['construction', 'waived', 'none'] as const) {
      expect(await judge(binding, 'other', ['api'])).not.toBeNull();
    }
  });

  it('has no reason to tell where the answer is a plain no', async () => {
    const told: unknown[] = [];
    const verifier = make(async () => ({ active: false }), 'claim');
    expect(
      await verifyWith(verifier, 't', { audience: ['api'] }, (error) =>
        told.push(error),
      ),
    ).toBeNull();
    expect(told).toEqual([]);
  });

  it('leaves the audience of a token to the verifier that made it', async () => {
    const token = new AccessToken({ token: 't', resource: 'api://own' });
    const verifier = make(async () => token, 'claim');
    expect(await verifyWith(verifier, 't', { audience: ['api'] })).toBe(token);
  });

  it('passes the request on', async () => {
    const seen: unknown[] = [];
    const context = { audience: ['api'], tokenType: 'api_key' };
    const verifier = make(async (token, told) => {
      seen.push(token, told);
      return null;
    });
    await verifyWith(verifier, 't', context);
    expect(seen).toEqual(['t', context]);
  });
});

describe('TokenVerifier', () => {
  it('is not bound, needs no scope and no preparation unless it says so', async () => {
    class Plain extends TokenVerifier {
      override verify() {
        return Promise.resolve(null);
      }
    }
    const plain = new Plain();
    expect(plain.audienceBinding).toBe('none');
    expect(plain.requiredScopes).toEqual([]);
    await expect(plain.prepare()).resolves.toBeUndefined();
  });

  it.each<[AudienceBinding, object[]]>([
    ['claim', [{ issuer: 'https://a' }, { issuer: 'https://b' }]],
    ['construction', []],
    ['waived', []],
    ['none', []],
  ])('bound by %s accepts %j of its issuers', (binding, accepted) => {
    class Bound extends TokenVerifier {
      override readonly audienceBinding = binding;
      override readonly issuers = ['https://a', 'https://b'];
      override verify() {
        return Promise.resolve(null);
      }
    }
    expect(new Bound().accepts).toStrictEqual(accepted);
  });
});
