import type {
  createLocalJWKSet,
  CryptoKey,
  FlattenedJWSInput,
  JSONWebKeySet,
  JWK,
  JWSHeaderParameters,
} from 'jose';
import { loadJose } from '../../../platform/optional-packages.js';
import { isJsonObject } from '../../fetch/guarded-fetch.js';
import {
  InvalidTokenError,
  VerifierUnavailableError,
} from '../../token/token.errors.js';
import type { JwksCacheOptions } from './jwt-options.interface.js';

/** An algorithm to import a key by that names none: any of its type will do. */
const SAMPLE_ALGORITHM: Readonly<Record<string, string>> = {
  RSA: 'RS256',
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/**
 * The keys of a set that can check signatures. Entries that are no keys, are
 * secret, or cannot be read are left out, not fatal (RFC 7517 section 5).
 *
 * @throws Error where the document is no key set at all
 */
export async function usableKeys(document: unknown): Promise<JSONWebKeySet> {
  if (!isJsonObject(document) || !Array.isArray(document.keys)) {
    throw new Error('The key set has no list of keys');
  }
  const entries: readonly unknown[] = document.keys;
  const usable = await Promise.all(entries.map(isUsable));
  return { keys: entries.filter((_, index) => usable[index]) as JWK[] };
}

async function isUsable(entry: unknown): Promise<boolean> {
  if (!isJsonObject(entry)) {
    return false;
  }
  const { kty, crv } = entry;
  const algorithm = SAMPLE_ALGORITHM[String(kty === 'RSA' ? kty : crv)];
  if (algorithm === undefined) {
    return false;
  }
  try {
    const { importJWK } = await loadJose();
    const key = await importJWK(entry as JWK, algorithm);
    return 'type' in key && key.type === 'public';
  } catch {
    return false;
  }
}

type LocalKeySet = ReturnType<typeof createLocalJWKSet>;

/** Seconds after a failed fetch during which there is no other, where no keys are at hand. */
const FAILURE_COOLDOWN = 5;

/**
 * Keys of an issuer, fetched when needed. However many tokens come, with
 * whatever `kid`: one fetch at a time, and one per cooldown. While the issuer
 * cannot be reached, the keys at hand go on serving, for a bounded time.
 */
export class RemoteKeySet {
  private readonly maxAge: number;
  private readonly cooldown: number;
  private readonly staleFor: number;
  private keys: LocalKeySet | undefined;
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private failure: unknown;
  private pending: Promise<void> | undefined;

  /** @param load fetches the JSON Web Key Set */
  constructor(
    private readonly load: () => Promise<unknown>,
    options: JwksCacheOptions = {},
  ) {
    this.maxAge = (options.maxAge ?? 600) * 1000;
    this.cooldown = (options.cooldown ?? 30) * 1000;
    this.staleFor = (options.staleFor ?? 3600) * 1000;
  }

  /**
   * The key that a token was signed with.
   *
   * @throws InvalidTokenError `key` where none fits, or more than one does
   * @throws VerifierUnavailableError where the keys cannot be had, so that
   *   nothing can be said about the token
   */
  async find(
    header: JWSHeaderParameters,
    token: FlattenedJWSInput,
  ): Promise<CryptoKey> {
    if (Date.now() >= this.fetchedAt + this.maxAge) {
      await this.refresh();
    }
    const { errors } = await loadJose();
    try {
      return await this.current()(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) {
        throw error instanceof errors.JWKSMultipleMatchingKeys
          ? new InvalidTokenError('key', { cause: error })
          : error;
      }
    }
    // Perhaps a key that is newer than the set at hand.
    await this.refresh();
    try {
      return await this.current()(header, token);
    } catch (cause) {
      throw this.failure === undefined
        ? new InvalidTokenError('key', { cause })
        : this.unavailable();
    }
  }

  private current(): LocalKeySet {
    const usableUntil = this.fetchedAt + this.maxAge + this.staleFor;
    if (!this.keys || Date.now() >= usableUntil) {
      throw this.unavailable();
    }
    return this.keys;
  }

  private unavailable(): VerifierUnavailableError {
    return new VerifierUnavailableError(
      'The keys of the issuer cannot be fetched',
      {
        cause: this.failure,
        retryAfter: (this.nextTry() - Date.now()) / 1000,
      },
    );
  }

  private nextTry(): number {
    const wait =
      this.failure === undefined
        ? this.cooldown
        : Math.min(this.cooldown, FAILURE_COOLDOWN * 1000);
    return this.triedAt + wait;
  }

  private async refresh(): Promise<void> {
    if (!this.pending && Date.now() >= this.nextTry()) {
      this.pending = this.fetch().finally(() => {
        this.pending = undefined;
      });
    }
    await this.pending;
  }

  private async fetch(): Promise<void> {
    try {
      const { createLocalJWKSet } = await loadJose();
      this.keys = createLocalJWKSet(await usableKeys(await this.load()));
      this.fetchedAt = Date.now();
      this.failure = undefined;
    } catch (error) {
      this.failure = error;
    } finally {
      this.triedAt = Date.now();
    }
  }
}
