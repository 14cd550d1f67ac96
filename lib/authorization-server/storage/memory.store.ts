import {
  checkStoreLimit,
  MAX_ENTRY_BYTES,
  toJsonText,
} from './store.errors.js';
import { toMilliseconds } from './store.errors.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { OAuthStore, type StoredRank } from '../../auth/issuer/oauth.store.js';

/** Limits of a {@link MemoryOAuthStore}. @publicApi */
export interface MemoryStoreOptions {
  /** Values kept. @default 100000 */
  readonly maxEntries?: number;
  /** About how many bytes of keys and JSON are kept. @default 67108864, 64 MiB */
  readonly maxBytes?: number;
  /** Bytes of JSON that one value may have; a request for more is refused. @default 131072 */
  readonly maxEntryBytes?: number;
}

const MEMORY_STORE_KEYS: OptionKeys<MemoryStoreOptions> = {
  maxEntries: true,
  maxBytes: true,
  maxEntryBytes: true,
};

interface Entry {
  readonly json: string;
  readonly bytes: number;
  readonly rank: StoredRank;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What gives way, in this order. Revocations are not among it. */
const GIVING_WAY: readonly StoredRank[] = ['unused', 'pending', 'issued'];

/** How often expired entries are looked for, in writes. */
const SWEEP_EVERY = 1000;

/**
 * Keeps everything in this process: gone at a restart, unknown to other
 * instances. For development, and for a single instance.
 *
 * Where it is full, a value takes the place of older ones that matter less or
 * as much: registrations that nobody used first, then logins under way, then
 * what was issued. Revocations stay until they expire. A value for which there
 * is no room that way is refused, and the request with it (503).
 *
 * @publicApi
 */
export class MemoryOAuthStore extends OAuthStore {
  readonly #entries = new Map<string, Entry>();
  /** Keys of each rank, in the order of writing. */
  readonly #order: Readonly<Record<StoredRank, Set<string>>> = {
    unused: new Set(),
    pending: new Set(),
    issued: new Set(),
    revocation: new Set(),
  };
  readonly #limits: Required<MemoryStoreOptions>;
  #bytes = 0;
  #writes = 0;

  /** @throws Error where a limit is no whole number above 0 */
  constructor(options: MemoryStoreOptions = {}) {
    super();
    checkOptions('new MemoryOAuthStore(…)', options, MEMORY_STORE_KEYS);
    const limits = {
      maxEntries: options.maxEntries ?? 100_000,
      maxBytes: options.maxBytes ?? 67_108_864,
      maxEntryBytes: options.maxEntryBytes ?? MAX_ENTRY_BYTES,
    };
    for (const [option, value] of Object.entries(limits)) {
      checkStoreLimit('MemoryOAuthStore', option, value);
    }
    this.#limits = limits;
  }

  /** Entries in memory, among them up to a thousand that have expired. */
  get size(): number {
    return this.#entries.size;
  }

  /** About how many bytes of keys and JSON are in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  override get(key: string): Promise<unknown> {
    return Promise.resolve(this.read(key));
  }

  override async set(
    key: string,
    value: unknown,
    lifetime?: number,
    rank: StoredRank = 'issued',
  ): Promise<void> {
    const json = toJsonText(value, this.#limits.maxEntryBytes);
    const kept = toMilliseconds(lifetime) ?? Infinity;
    if (kept <= 0) {
      this.remove(key);
      return;
    }
    // Often enough that what lives gives way to what has expired only rarely.
    if (++this.#writes % Math.min(SWEEP_EVERY, this.#limits.maxEntries) === 0) {
      this.sweep();
    }
    const bytes = key.length + Buffer.byteLength(json);
    this.makeRoom(key, bytes, rank);
    // Written anew, so that the order is that of writing.
    this.remove(key);
    this.#entries.set(key, {
      json,
      bytes,
      rank,
      expiresAt: Date.now() + kept,
    });
    this.#order[rank].add(key);
    this.#bytes += bytes;
  }

  override take(key: string): Promise<unknown> {
    const value = this.read(key);
    this.remove(key);
    return Promise.resolve(value);
  }

  override delete(key: string): Promise<void> {
    this.remove(key);
    return Promise.resolve();
  }

  private read(key: string): unknown {
    const entry = this.#entries.get(key);
    return entry && entry.expiresAt > Date.now()
      ? JSON.parse(entry.json)
      : undefined;
  }

  private remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry) {
      this.#entries.delete(key);
      this.#order[entry.rank].delete(key);
      this.#bytes -= entry.bytes;
    }
  }

  /**
   * Lets others give way to a value, among them none that matters more.
   *
   * @throws Error where that is not enough
   */
  private makeRoom(key: string, bytes: number, rank: StoredRank): void {
    const replaced = this.#entries.get(key);
    const fits = (): boolean =>
      this.#entries.size + (replaced ? 0 : 1) <= this.#limits.maxEntries &&
      this.#bytes + bytes - (replaced?.bytes ?? 0) <= this.#limits.maxBytes;
    if (fits()) {
      return;
    }
    for (const giving of GIVING_WAY) {
      for (const other of this.#order[giving]) {
        if (other !== key) {
          this.remove(other);
          if (fits()) {
            return;
          }
        }
      }
      if (giving === rank) {
        break;
      }
    }
    throw new Error(
      'MemoryOAuthStore is full of what must not give way; raise maxEntries and maxBytes',
    );
  }

  private sweep(): void {
    const now = Date.now();
    for (const [key, { expiresAt }] of this.#entries) {
      if (expiresAt <= now) {
        this.remove(key);
      }
    }
  }
}
