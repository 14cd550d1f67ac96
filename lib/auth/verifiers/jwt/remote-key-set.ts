import type {
  createLocalJWKSet,
  FlattenedJWSInput,
  JWSHeaderParameters,
  CryptoKey,
} from 'jose';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import { VerifierUnavailableError } from '../../errors/verifier-unavailable.error.js';
import type { JwksCacheOptions } from './jwt-options.interface.js';
import { loadJose } from './load-jose.js';
import { usableKeys } from './usable-keys.js';

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
