/** How much a {@link BoundedMap} holds, and for how long. */
interface Bounds {
  /** Entries held at most. */
  readonly maxEntries: number;
  /** Milliseconds that an entry holds. @default for good */
  readonly ttl?: number;
  /** Whether the least recently read gives way; otherwise the oldest. @default false */
  readonly byUse?: boolean;
}

interface Entry<V> {
  readonly value: V;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * A map of limited size whose entries expire. A new entry takes the place of
 * the oldest, or of the one that was read least recently.
 */
export class BoundedMap<K, V> {
  /** The next to give way is the first. */
  private readonly entries = new Map<K, Entry<V>>();
  private readonly maxEntries: number;
  private readonly ttl: number;
  private readonly byUse: boolean;

  constructor({ maxEntries, ttl = Infinity, byUse = false }: Bounds) {
    this.maxEntries = maxEntries;
    this.ttl = ttl;
    this.byUse = byUse;
  }

  /** Entries held, those included that have expired and still wait for their turn. */
  get size(): number {
    return this.entries.size;
  }

  /** Whether the next new entry would take the place of one that still holds. */
  get isFull(): boolean {
    this.trim(Infinity);
    return this.entries.size >= this.maxEntries;
  }

  /** @returns undefined for a key that is unknown or has expired */
  get(key: K): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      return undefined;
    }
    if (entry.until !== Infinity && Date.now() >= entry.until) {
      this.entries.delete(key);
      return undefined;
    }
    if (this.byUse) {
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return entry.value;
  }

  has(key: K): boolean {
    return this.get(key) !== undefined;
  }

  /** @param until milliseconds since the epoch at which this entry expires, where that is earlier than usual */
  set(key: K, value: V, until = Infinity): void {
    const usual = this.ttl === Infinity ? Infinity : Date.now() + this.ttl;
    this.entries.delete(key);
    this.entries.set(key, { value, until: Math.min(usual, until) });
    this.trim(this.maxEntries);
  }

  /** Drops from the front what has expired, and what is more than `most`. */
  private trim(most: number): void {
    const now = Date.now();
    for (const [key, { until }] of this.entries) {
      if (now < until && this.entries.size <= most) {
        return;
      }
      this.entries.delete(key);
    }
  }
}
