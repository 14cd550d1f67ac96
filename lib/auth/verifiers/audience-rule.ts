import { readClaim, toList, type TokenClaims } from '../claims.js';
import { sameResource } from '../comparable-resource.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type {
  AcceptedTokens,
  AudienceBinding,
  VerifyContext,
} from './token-verifier.js';

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
