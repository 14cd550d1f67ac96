import { checkAudience } from './audience-rule.js';
import { type AudienceBinding, TokenVerifier } from './token-verifier.js';

class Mine extends TokenVerifier {
  constructor(override readonly audienceBinding: AudienceBinding) {
    super();
  }
  override verify() {
    return Promise.resolve(null);
  }
}

it.each(['claim', 'construction', 'waived'] as const)(
  'takes a verifier that says `%s`',
  (binding) => {
    expect(() =>
      checkAudience('auth.verifier', new Mine(binding)),
    ).not.toThrow();
  },
);

const REFUSAL =
  'auth.verifier: Mine does not tell how its tokens are bound to this ' +
  'server. Set its audience, declare its audienceBinding, or write ' +
  'audience: false';

it('refuses one that does not know, by its name, with the remedies (RFC 8707 2)', () => {
  expect(() => checkAudience('auth.verifier', new Mine('none'))).toThrow(
    REFUSAL,
  );
});

it('refuses one that says nothing, as of an older contract', () => {
  const silent = new Mine(undefined as unknown as AudienceBinding);
  expect(() => checkAudience('auth.verifier', silent)).toThrow(REFUSAL);
});
