import { createHash } from 'node:crypto';
import { BoundedMap } from '../../cache/bounded-map.js';
import { readExpiry, type TokenClaims } from '../token/claims.js';
import type { OptionKeys } from '../../options/option-keys.js';
import { shown } from '../../options/option-values.js';

/**
 * How answers about tokens are kept.
 *
 * @publicApi
 */
export interface ClaimsCacheOptions {
  /** Seconds an answer is kept, and so a revoked token goes on working; never beyond the token's expiry. */
  readonly ttl: number;
  /** Answers kept; the least recently used goes first. @default 1000 */
  readonly maxEntries?: number;
}

export const CLAIMS_CACHE_KEYS: OptionKeys<ClaimsCacheOptions> = {
  ttl: true,
  maxEntries: true,
};

/** Claims of good tokens, found by the SHA-256 of the token, which is not kept itself. */
export class ClaimsCache {
  private readonly answers: BoundedMap<string, TokenClaims>;

  /** @throws Error where a bound is not a positive number */
  constructor(owner: string, { ttl, maxEntries = 1000 }: ClaimsCacheOptions) {
    for (const [name, value] of Object.entries({ ttl, maxEntries })) {
      if (!(Number.isFinite(value) && value > 0)) {
        throw new Error(
          `${owner}: cache.${name} is ${shown(value)}. Give a number above 0, or ` +
            'leave cache out for none.',
        );
      }
    }
    this.answers = new BoundedMap({
      maxEntries,
      ttl: ttl * 1000,
      byUse: true,
    });
  }

  get(token: string): TokenClaims | undefined {
    const claims = this.answers.get(digest(token));
    return claims && structuredClone(claims);
  }

  set(token: string, claims: TokenClaims): void {
    this.answers.set(
      digest(token),
      structuredClone(claims),
      readExpiry(claims)?.getTime(),
    );
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
