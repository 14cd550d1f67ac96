/**
 * Keeps the tokens that clients have got. Keys hold no secret; values do.
 *
 * @publicApi
 */
export abstract class TokenStore {
  /** @returns undefined for what is not kept, or no longer */
  abstract get(key: string): Promise<unknown>;

  /**
   * @param value JSON
   * @param lifetime milliseconds to keep it for
   */
  abstract set(key: string, value: unknown, lifetime: number): Promise<void>;

  /**
   * Gives a value and forgets it, in one step: of two that ask at the same time,
   * one gets it.
   */
  abstract take(key: string): Promise<unknown>;
}

/** How many values a memory keeps: the oldest goes where one is too many. */
const MOST_VALUES = 10_000;

/** Keeps tokens in the memory of this process. @publicApi */
export class MemoryTokenStore extends TokenStore {
  private readonly kept = new Map<string, { value: string; expires: number }>();

  override get(key: string): Promise<unknown> {
    const entry = this.kept.get(key);
    if (!entry || entry.expires <= Date.now()) {
      this.kept.delete(key);
      return Promise.resolve(undefined);
    }
    return Promise.resolve(JSON.parse(entry.value));
  }

  override take(key: string): Promise<unknown> {
    const value = this.get(key);
    this.kept.delete(key);
    return value;
  }

  override set(key: string, value: unknown, lifetime: number): Promise<void> {
    this.kept.delete(key);
    this.kept.set(key, {
      value: JSON.stringify(value),
      expires: Date.now() + lifetime,
    });
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST_VALUES && oldest !== undefined) {
      this.kept.delete(oldest);
    }
    return Promise.resolve();
  }
}
