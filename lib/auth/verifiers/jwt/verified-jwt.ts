import { AccessToken } from '../../access-token.js';
import type { ClaimPaths, TokenClaims } from '../../claims.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import type { AudienceRule } from '../audience-rule.js';
import { checkNotBefore } from '../token-times.js';
import type { VerifyContext } from '../token-verifier.js';

/** What decides, request by request, whether a JWT holds. */
export interface JwtRules {
  readonly audience: AudienceRule;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly paths: ClaimPaths | undefined;
}

/** What of a request an access token shows. */
interface Reading {
  readonly resource: string | undefined;
  readonly tokenType: string | undefined;
  readonly token: AccessToken;
}

/**
 * A JWT that is what it says: its signature, issuer, kind and claims are right
 * for good. Whether it holds now, and here, is another question each time.
 */
export class VerifiedJwt {
  readonly #token: string;
  readonly #claims: TokenClaims;
  readonly #rules: JwtRules;
  /** Claims are not read and copied again for a request that is like the last. */
  #last: Reading | undefined;

  constructor(token: string, claims: TokenClaims, rules: JwtRules) {
    this.#token = token;
    this.#claims = claims;
    this.#rules = rules;
  }

  /**
   * The token, for a request to one server at this moment.
   *
   * @throws InvalidTokenError `not_yet_valid`, `audience` or `expired`
   */
  accept(context: VerifyContext | undefined): AccessToken {
    const { audience, clockTolerance } = this.#rules;
    checkNotBefore(this.#claims, clockTolerance);
    const resource = audience.match(this.#claims, context);
    const token = this.read(resource, context?.tokenType);
    if (token.isExpired()) {
      throw new InvalidTokenError('expired');
    }
    return token;
  }

  private read(
    resource: string | undefined,
    tokenType: string | undefined,
  ): AccessToken {
    const last = this.#last;
    if (last && last.resource === resource && last.tokenType === tokenType) {
      return last.token;
    }
    const { paths, clockTolerance } = this.#rules;
    const token = AccessToken.fromClaims(this.#token, this.#claims, {
      paths,
      tokenType,
      resource,
      clockTolerance,
    });
    this.#last = { resource, tokenType, token };
    return token;
  }
}
