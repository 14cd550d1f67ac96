import type { OAuthTokens } from '@modelcontextprotocol/client';
import { createHash } from 'node:crypto';
import type { TokenStore } from './token.store.js';

/** Tokens as they are kept. */
export interface KeptTokens {
  readonly tokens: OAuthTokens;
  /** Issuer that they came from. */
  readonly issuer: string;
  /** In the milliseconds of `Date.now()`; undefined where the issuer did not say. */
  readonly expires?: number;
}

/** Milliseconds before its end that a token counts as expired: so long a request may take to arrive. */
const MARGIN = 30_000;
/** Milliseconds that tokens without an end, or with a refresh token, are kept. */
export const LONGEST = 30 * 24 * 3_600_000;

/** What the answer of a token endpoint is kept as. */
export function keptTokens(tokens: OAuthTokens, issuer: string): KeptTokens {
  const { expires_in: seconds } = tokens;
  return {
    tokens,
    issuer,
    ...(seconds !== undefined && { expires: Date.now() + seconds * 1000 }),
  };
}

/** A key of the store that tells nothing of its parts. */
export function tokenKey(kind: string, ...parts: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts));
  return `${kind}:${hash.digest('base64url')}`;
}

/** A key for the caller on whose behalf tokens are got: the user, else the token that the caller came with. */
export function callerKey({
  user,
  token,
}: {
  readonly user?: string;
  readonly token?: string;
}): string {
  return tokenKey(
    'caller',
    user ?? null,
    user === undefined ? (token ?? null) : null,
  );
}

/** Tokens by key: got once, however many wait for them, and kept until shortly before they expire. */
export class TokenCache {
  private readonly flights = new Map<string, Promise<KeptTokens>>();

  /** The tokens that are kept, expired ones included. */
  async get(store: TokenStore, key: string): Promise<KeptTokens | undefined> {
    return (await store.get(key)) as KeptTokens | undefined;
  }

  /**
   * Gets tokens, unless somebody is getting them already.
   *
   * @param refused the access token to be replaced: another one that is kept by now will do
   */
  obtain(
    store: TokenStore,
    key: string,
    refused: string | undefined,
    get: (kept: KeptTokens | undefined) => Promise<KeptTokens>,
  ): Promise<KeptTokens> {
    const flying = this.flights.get(key);
    if (flying) {
      return flying;
    }
    const flight = this.replace(store, key, refused, get).finally(() =>
      this.flights.delete(key),
    );
    this.flights.set(key, flight);
    return flight;
  }

  private async replace(
    store: TokenStore,
    key: string,
    refused: string | undefined,
    get: (kept: KeptTokens | undefined) => Promise<KeptTokens>,
  ): Promise<KeptTokens> {
    const kept = await this.get(store, key);
    if (kept && isFresh(kept) && kept.tokens.access_token !== refused) {
      return kept;
    }
    const next = await get(kept);
    await this.keep(store, key, next);
    return next;
  }

  async keep(
    store: TokenStore,
    key: string,
    tokens: KeptTokens,
  ): Promise<void> {
    const { expires, tokens: answer } = tokens;
    await store.set(
      key,
      tokens,
      expires === undefined || answer.refresh_token !== undefined
        ? LONGEST
        : Math.max(1, expires - Date.now()),
    );
  }
}

/** Whether a token can still be sent: a tenth of a short life is left, or {@link MARGIN}. */
export function isFresh({ expires, tokens }: KeptTokens): boolean {
  const life = (tokens.expires_in ?? Infinity) * 1000;
  return (
    expires === undefined || expires - Math.min(MARGIN, life / 10) > Date.now()
  );
}
