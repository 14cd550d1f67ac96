/**
 * What a value is, and with that what gives way where a storage is full, in
 * this order: a registration that nobody has logged in with, a login that is
 * under way, what was issued to somebody. A revocation never gives way before
 * it expires: a token would work again.
 *
 * @publicApi
 */
export type StoredRank = 'unused' | 'pending' | 'issued' | 'revocation';

/**
 * Where the authorization server keeps clients, grants, codes and refresh
 * tokens: the contract, and the injection token, of every storage. Values are
 * plain JSON. What protects against replay rests on {@link take}.
 *
 * @publicApi
 */
export abstract class OAuthStore {
  /** @returns undefined for what is unknown or has expired */
  abstract get(key: string): Promise<unknown>;

  /**
   * Keeps a value, in place of any other under the key.
   *
   * @param lifetime seconds until it expires; for ever where it is left out
   * @param rank for storages of limited size; one that has room for all can
   *   ignore it. `'issued'` where it is left out
   * @throws Error where it is not kept: the request is refused then, with 503
   */
  abstract set(
    key: string,
    value: unknown,
    lifetime?: number,
    rank?: StoredRank,
  ): Promise<void>;

  /**
   * Gets a value and removes it in one step: of any number of callers, in any
   * number of processes, exactly one gets it.
   *
   * @returns undefined for what is unknown, expired or already taken
   */
  abstract take(key: string): Promise<unknown>;

  /** Removes a value; an unknown key is no error. */
  abstract delete(key: string): Promise<void>;

  /**
   * Called once at start-up.
   *
   * @throws Error where the storage cannot work as it is configured
   */
  prepare(): Promise<void> {
    return Promise.resolve();
  }

  /** Called once when the application closes. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
