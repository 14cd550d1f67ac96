import { readClaim, type TokenClaims, toList } from '../token/claims.js';
import { InvalidTokenError } from '../token/token.errors.js';
import type {
  AcceptedTokens,
  AudienceBinding,
  TokenVerifier,
  VerifyContext,
} from './token-verifier.js';

const WEB_URL = /^https?:\/\/[!-[\]-~]+$/i;

/**
 * The name of a resource in the one form that equal names have in common: a URL
 * after RFC 3986, sections 6.2.2 and 6.2.3, by which `https://API.example.com`
 * and `https://api.example.com/` are one; anything else as it is.
 */
export function comparableResource(name: string): string {
  return WEB_URL.test(name) && URL.canParse(name) ? new URL(name).href : name;
}

/** Of the names, the one that means what `name` means; the same letters win. */
export function sameResource(
  names: readonly string[],
  name: string,
): string | undefined {
  if (names.includes(name)) return name;
  const wanted = comparableResource(name);
  return names.find((each) => comparableResource(each) === wanted);
}

/** The names, of equal ones the first. */
export function distinctResources(names: readonly string[]): readonly string[] {
  return [
    ...new Map(
      names.toReversed().map((name) => [comparableResource(name), name]),
    ).values(),
  ].toReversed();
}

/**
 * What a token's audience is compared with: one name or several, of which one
 * must match: letter for letter, URLs after normalisation (RFC 3986, section
 * 6.2.2). `false` waives the check; left out, the names of the server count.
 *
 * @publicApi
 */
export type AudienceOption = string | readonly string[] | false;

/** Compares the audience of tokens (RFC 7519 section 4.1.3). */
export class AudienceRule {
  readonly binding: AudienceBinding;
  private readonly expected: readonly string[] | undefined;

  /**
   * @param owner verifier named in messages
   * @param claim where the audience is. @default `'aud'`
   * @throws Error where the option is an empty name or list
   */
  constructor(
    private readonly owner: string,
    option: AudienceOption | undefined,
    private readonly claim = 'aud',
  ) {
    this.binding = option === false ? 'waived' : 'claim';
    this.expected = typeof option === 'string' ? [option] : option || undefined;
    if (this.expected?.includes('') || this.expected?.length === 0) {
      throw new Error(
        `${owner}: audience is empty. Name what the issuer puts into ` +
          `\`${claim}\`, or write audience: false to accept tokens that were ` +
          'issued for any server.',
      );
    }
  }

  /** Tokens of these issuers that pass; of none where the check is waived. */
  acceptedOf(issuers: readonly string[]): readonly AcceptedTokens[] {
    const audience = this.expected;
    return this.binding === 'waived'
      ? []
      : issuers.map((issuer) => ({ issuer, ...(audience && { audience }) }));
  }

  /**
   * @returns the audience that matched; undefined where the check is waived
   * @throws InvalidTokenError `audience`
   */
  match(claims: TokenClaims, context?: VerifyContext): string | undefined {
    if (this.binding === 'waived') {
      return undefined;
    }
    const expected = this.expected ?? context?.audience;
    if (!expected) {
      const cause = new Error(
        `${this.owner}: nothing to compare \`${this.claim}\` with. Set ` +
          'audience, or pass the names of this server to verify().',
      );
      throw new InvalidTokenError('audience', { cause });
    }
    const audience = readClaim(claims, this.claim);
    const audiences = Array.isArray(audience) ? toList(audience) : [audience];
    const names = audiences.filter((name) => typeof name === 'string');
    const match = expected.find(
      (name) => sameResource(names, name) !== undefined,
    );
    if (match === undefined) {
      throw new InvalidTokenError('audience');
    }
    return match;
  }
}

/** @throws Error where nothing tells that the verifier's tokens are meant for this server */
export function checkAudience(owner: string, verifier: TokenVerifier): void {
  if ((verifier.audienceBinding ?? 'none') === 'none') {
    throw new Error(
      `${owner}: ${verifier.constructor.name} does not tell how its tokens ` +
        'are bound to this server. Set its audience, declare its ' +
        'audienceBinding, or write audience: false to accept tokens that ' +
        'were issued for any server.',
    );
  }
}

/** From the weakest to the strongest. */
const ORDER: readonly AudienceBinding[] = [
  'none',
  'waived',
  'claim',
  'construction',
];

/** How tokens are bound where any of several verifiers may accept them: by the weakest. */
export function weakestAudience(
  bindings: readonly AudienceBinding[],
): AudienceBinding {
  return ORDER.find((binding) => bindings.includes(binding)) ?? 'none';
}
