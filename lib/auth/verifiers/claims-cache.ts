import { createHash } from 'node:crypto';
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

interface Entry {
  readonly claims: TokenClaims;
  readonly until: number;
}

/** Claims of good tokens, found by the SHA-256 of the token, which is not kept itself. */
export class ClaimsCache {
  private readonly entries = new Map<string, Entry>();
  private readonly ttl: number;
  private readonly maxEntries: number;

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
    this.ttl = ttl * 1000;
    this.maxEntries = maxEntries;
  }

  get(token: string): TokenClaims | undefined {
    const key = digest(token);
    const entry = this.entries.get(key);
    this.entries.delete(key);
    if (!entry || Date.now() >= entry.until) {
      return undefined;
    }
    this.entries.set(key, entry);
    return structuredClone(entry.claims);
  }

  set(token: string, claims: TokenClaims): void {
    const until = Math.min(
      Date.now() + this.ttl,
      readExpiry(claims)?.getTime() ?? Infinity,
    );
    const key = digest(token);
    this.entries.delete(key);
    this.entries.set(key, { claims: structuredClone(claims), until });
    if (this.entries.size > this.maxEntries) {
      const [oldest = ''] = this.entries.keys();
      this.entries.delete(oldest);
    }
  }
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
