import { toJsonText } from './json-text.js';
import { toMilliseconds } from './lifetime.js';
import { OAuthStore } from './oauth.store.js';
import { checkOptions, type OptionKeys } from '../../../options/option-keys.js';

/** Limits of a {@link MemoryOAuthStore}. @publicApi */
export interface MemoryStoreOptions {
  /** Entries kept; the oldest give way to new ones. @default 100000 */
  readonly maxEntries?: number;
}

const MEMORY_STORE_KEYS: OptionKeys<MemoryStoreOptions> = { maxEntries: true };

interface Entry {
  readonly json: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How often expired entries are looked for, in writes. */
const SWEEP_EVERY = 1000;

/**
 * Keeps everything in this process: gone at a restart, unknown to other
 * instances. For development, and for a single instance.
 *
 * @publicApi
 */
export class MemoryOAuthStore extends OAuthStore {
  readonly #entries = new Map<string, Entry>();
  readonly #maxEntries: number;
  #writes = 0;

  /** @throws Error where a limit is no whole number above 0 */
  constructor(options: MemoryStoreOptions = {}) {
    super();
    checkOptions('new MemoryOAuthStore(…)', options, MEMORY_STORE_KEYS);
    const { maxEntries = 100_000 } = options;
    if (!Number.isInteger(maxEntries) || maxEntries < 1) {
      throw new Error(
        `MemoryOAuthStore: maxEntries is ${maxEntries}; give a whole number above 0`,
      );
    }
    this.#maxEntries = maxEntries;
  }

  /** Entries in memory, among them up to a thousand that have expired. */
  get size(): number {
    return this.#entries.size;
  }

  override get(key: string): Promise<unknown> {
    return Promise.resolve(this.read(key));
  }

  override async set(
    key: string,
    value: unknown,
    lifetime?: number,
  ): Promise<void> {
    const json = toJsonText(value);
    const kept = toMilliseconds(lifetime) ?? Infinity;
    // Written anew, so that the order of the map is that of writing.
    this.#entries.delete(key);
    if (kept > 0) {
      this.#entries.set(key, { json, expiresAt: Date.now() + kept });
      this.limit();
    }
  }

  override take(key: string): Promise<unknown> {
    const value = this.read(key);
    this.#entries.delete(key);
    return Promise.resolve(value);
  }

  override delete(key: string): Promise<void> {
    this.#entries.delete(key);
    return Promise.resolve();
  }

  private read(key: string): unknown {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt > Date.now()
      ? JSON.parse(entry.json)
      : undefined;
  }

  private limit(): void {
    // Often enough that what lives gives way to what has expired only rarely.
    if (++this.#writes % Math.min(SWEEP_EVERY, this.#maxEntries) === 0) {
      this.sweep();
    }
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries) {
        break;
      }
      this.#entries.delete(key);
    }
  }

  private sweep(): void {
    const now = Date.now();
    for (const [key, { expiresAt }] of this.#entries) {
      if (expiresAt <= now) {
        this.#entries.delete(key);
      }
    }
  }
}
