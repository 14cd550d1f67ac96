import { checkLimit } from './event.store.js';
import {
  EventStore,
  type StoredEvent,
  type StreamReplay,
} from './event.store.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** Limits of a {@link MemoryEventStore}. @publicApi */
export interface MemoryEventStoreOptions {
  /** Events kept of a session. @default 256 */
  readonly maxEvents?: number;
  /** About how many bytes of JSON are kept of a session. @default 4194304 */
  readonly maxBytes?: number;
  /** About how many bytes of JSON are kept of all sessions of one caller. @default 16777216 */
  readonly maxOwnerBytes?: number;
  /** About how many bytes of JSON are kept of all sessions. @default 67108864 */
  readonly maxTotalBytes?: number;
  /** Milliseconds that an event is kept. @default 300000 */
  readonly lifetime?: number;
}

const MEMORY_EVENT_STORE_KEYS: OptionKeys<MemoryEventStoreOptions> = {
  maxEvents: true,
  maxBytes: true,
  maxOwnerBytes: true,
  maxTotalBytes: true,
  lifetime: true,
};

interface Entry {
  readonly position: number;
  readonly stream: string;
  readonly json: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Session {
  readonly owner: string;
  readonly expiresAt: number;
}

/** Oldest first. */
class EventLog {
  readonly entries: Entry[] = [];
  bytes = 0;

  /** @param owner of the session, where it is known */
  constructor(readonly owner: string | undefined) {}

  push(entry: Entry): void {
    this.entries.push(entry);
    this.bytes += entry.json.length;
  }

  /** Returns how many bytes that frees. */
  dropOldest(): number {
    const freed = this.entries.shift()?.json.length ?? 0;
    this.bytes -= freed;
    return freed;
  }
}

/**
 * Keeps events in this process: gone at a restart, unknown to other instances.
 * The oldest give way where a limit is reached; a client that asks for what
 * came after one of them is told that its session is gone.
 *
 * @publicApi
 */
export class MemoryEventStore extends EventStore {
  readonly #limits: Required<MemoryEventStoreOptions>;
  readonly #sessions = new Map<string, Session>();
  /** The session that has been silent for longest first. */
  readonly #logs = new Map<string, EventLog>();
  readonly #ownerBytes = new Map<string, number>();
  #bytes = 0;
  #position = 0;

  /** @throws Error where a limit is no whole number above 0 */
  constructor(options: MemoryEventStoreOptions = {}) {
    super();
    checkOptions('new MemoryEventStore(…)', options, MEMORY_EVENT_STORE_KEYS);
    const limits = {
      maxEvents: options.maxEvents ?? 256,
      maxBytes: options.maxBytes ?? 4_194_304,
      maxOwnerBytes: options.maxOwnerBytes ?? 16_777_216,
      maxTotalBytes: options.maxTotalBytes ?? 67_108_864,
      lifetime: options.lifetime ?? 300_000,
    };
    for (const [option, value] of Object.entries(limits)) {
      checkLimit('MemoryEventStore', option, value);
    }
    this.#limits = limits;
  }

  /** About how many bytes of JSON are in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  override keep(
    session: string,
    owner: string,
    lifetime: number,
  ): Promise<void> {
    this.#sessions.set(session, { owner, expiresAt: Date.now() + lifetime });
    return Promise.resolve();
  }

  override ownerOf(session: string): Promise<string | undefined> {
    const kept = this.#sessions.get(session);
    return Promise.resolve(
      kept && kept.expiresAt > Date.now() ? kept.owner : undefined,
    );
  }

  override append(
    session: string,
    stream: string,
    message: unknown,
  ): Promise<string> {
    const position = ++this.#position;
    const log =
      this.#logs.get(session) ??
      new EventLog(this.#sessions.get(session)?.owner);
    const json = JSON.stringify(message);
    log.push({ position, stream, json, at: Date.now() });
    this.count(log, json.length);
    this.#logs.delete(session);
    this.#logs.set(session, log);
    this.limit(log);
    return Promise.resolve(String(position));
  }

  override replay(
    session: string,
    after: string,
    stream?: string,
  ): Promise<StreamReplay | undefined> {
    const log = this.#logs.get(session);
    if (log) {
      this.dropExpired(log);
    }
    const entries = log?.entries ?? [];
    const seen = entries.find(({ position }) => String(position) === after);
    const name = stream ?? seen?.stream;
    if (name === undefined) {
      return Promise.resolve(undefined);
    }
    const later = entries.filter(({ position }) => position > Number(after));
    return Promise.resolve({
      stream: name,
      events: later.filter((entry) => entry.stream === name).map(toEvent),
      position: String(later.at(-1)?.position ?? after),
    });
  }

  override forget(session: string): Promise<void> {
    this.#sessions.delete(session);
    const log = this.#logs.get(session);
    if (log) {
      this.count(log, -log.bytes);
      this.#logs.delete(session);
    }
    return Promise.resolve();
  }

  private limit(log: EventLog): void {
    const { maxEvents, maxBytes, maxTotalBytes } = this.#limits;
    while (log.entries.length > maxEvents || log.bytes > maxBytes) {
      this.dropOldest(log);
    }
    this.limitOwner(log);
    for (const [session, silent] of this.#logs) {
      this.dropExpired(silent);
      while (this.#bytes > maxTotalBytes && silent.entries.length > 0) {
        this.dropOldest(silent);
      }
      if (silent.entries.length > 0) {
        break;
      }
      this.#logs.delete(session);
    }
  }

  private dropExpired(log: EventLog): void {
    const oldest = Date.now() - this.#limits.lifetime;
    while ((log.entries[0]?.at ?? Infinity) <= oldest) {
      this.dropOldest(log);
    }
  }

  /** The caller's silent sessions give way first, then the one that has just been added to. */
  private limitOwner({ owner }: EventLog): void {
    const { maxOwnerBytes } = this.#limits;
    const isOver = () =>
      owner !== undefined && (this.#ownerBytes.get(owner) ?? 0) > maxOwnerBytes;
    if (!isOver()) {
      return;
    }
    for (const log of this.#logs.values()) {
      while (log.owner === owner && log.entries.length > 0 && isOver()) {
        this.dropOldest(log);
      }
    }
  }

  private dropOldest(log: EventLog): void {
    this.count(log, -log.dropOldest());
  }

  private count({ owner }: EventLog, bytes: number): void {
    this.#bytes += bytes;
    if (owner !== undefined) {
      const left = (this.#ownerBytes.get(owner) ?? 0) + bytes;
      if (left > 0) this.#ownerBytes.set(owner, left);
      else this.#ownerBytes.delete(owner);
    }
  }
}

function toEvent({ position, json }: Entry): StoredEvent {
  return { id: String(position), message: JSON.parse(json) as unknown };
}
