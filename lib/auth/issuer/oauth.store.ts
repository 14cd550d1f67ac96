/** Runs tasks of one key after another, and those of different keys at once. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Keys that tasks wait or run for. */
  get size(): number {
    return this.#last.size;
  }

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const running = (this.#last.get(key) ?? Promise.resolve()).then(task);
    // The next one follows whether this one fails or not.
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await running;
    } finally {
      if (this.#last.get(key) === settled) {
        this.#last.delete(key);
      }
    }
  }
}

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
  readonly #sums = new KeyedQueue();

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
   * Adds to a number in one step, and returns the sum. It begins at 0, and is
   * gone `lifetime` seconds after it began. What slows down guessing counts by
   * it. This one counts right in one process alone: a storage that instances
   * share overrides it.
   */
  add(key: string, amount: number, lifetime: number): Promise<number> {
    return this.#sums.run(key, async () => {
      const now = Date.now();
      const known = (await this.get(key)) as Sum | undefined;
      const { sum, until } = known ?? { sum: 0, until: now + lifetime * 1000 };
      const next: Sum = { sum: sum + amount, until };
      await this.set(key, next, Math.max(until - now, 1) / 1000, 'pending');
      return next.sum;
    });
  }

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

/** A number that is added to. */
interface Sum {
  readonly sum: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}
