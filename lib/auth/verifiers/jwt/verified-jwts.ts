import { hash } from 'node:crypto';
import { BoundedMap } from '../../../cache/bounded-map.js';
import { shown } from '../../../options/option-values.js';
import { AccessToken } from '../../token/access-token.js';
import type { ClaimPaths, TokenClaims } from '../../token/claims.js';
import { InvalidTokenError } from '../../token/token.errors.js';
import type { AudienceRule } from '../audience-rule.js';
import { checkNotBefore } from '../normalize-verified.js';
import type { VerifyContext } from '../token-verifier.js';
import type { JwtCacheOptions } from './jwt-options.interface.js';

/** What decides, request by request, whether a JWT holds. */
interface JwtRules {
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

/** Seconds for which a key that was taken away may at most go on working. */
const MAX_TTL = 60;

/** JWTs that were verified a short time ago, found by the SHA-256 of the token. */
export class VerifiedJwts {
  private readonly jwts: BoundedMap<string, VerifiedJwt>;

  /** @throws Error where a bound is not within its limits */
  constructor(
    owner: string,
    { ttl = MAX_TTL, maxEntries = 10_000 }: JwtCacheOptions = {},
  ) {
    if (!(ttl >= 0 && ttl <= MAX_TTL)) {
      throw new Error(
        `${owner}: cache.ttl is ${shown(ttl)}. Give seconds from 0, which keeps ` +
          `nothing, to ${MAX_TTL}.`,
      );
    }
    if (!(Number.isInteger(maxEntries) && maxEntries > 0)) {
      throw new Error(
        `${owner}: cache.maxEntries is ${shown(maxEntries)}. Give a whole number ` +
          'above 0, or write ttl: 0 to keep nothing.',
      );
    }
    this.jwts = new BoundedMap({ maxEntries, ttl: ttl * 1000 });
  }

  /** How many are kept. */
  get size(): number {
    return this.jwts.size;
  }

  get(token: string): VerifiedJwt | undefined {
    return this.jwts.get(keyOf(token));
  }

  add(token: string, jwt: VerifiedJwt): void {
    this.jwts.set(keyOf(token), jwt);
  }
}

function keyOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
