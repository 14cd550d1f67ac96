import { withTimeLimit } from '../../auth/authorization-server/storage/time-limit.js';
import { checkLimit } from './check-limit.js';
import { EventStore, type StreamReplay } from './event.store.js';
import type {
  RedisStreamClient,
  RedisStreamEntry,
} from './redis-stream-client.interface.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** Settings of a {@link RedisEventStore}. @publicApi */
export interface RedisEventStoreOptions {
  /** A connected client of the package `redis`; it is left open at the end. */
  readonly client: RedisStreamClient;
  /** Put before every key. @default `'mcp:events:'` */
  readonly keyPrefix?: string;
  /** Events kept of a session. @default 256 */
  readonly maxEvents?: number;
  /** Milliseconds that a session's events are kept after the last of them. @default 300000 */
  readonly lifetime?: number;
  /** Milliseconds that a command may take. @default 3000 */
  readonly timeout?: number;
}

const REDIS_EVENT_STORE_KEYS: OptionKeys<RedisEventStoreOptions> = {
  client: true,
  keyPrefix: true,
  maxEvents: true,
  lifetime: true,
  timeout: true,
};

/**
 * An id of Redis, which two sessions may have alike in the same millisecond,
 * and the beginning of the session's, which makes it an event's.
 */
const EVENT_ID = /^(\d{1,20}-\d{1,20})\.(.{1,8})$/;

/**
 * Keeps events in Redis 5 or newer, for several instances of the application: a
 * stream that broke on one is resumed on another. Each session has a Redis
 * stream of a limited length, and a key that tells its owner.
 *
 * @example
 * ```ts
 * { provide: EventStore, useFactory: async () =>
 *     new RedisEventStore({ client: await createClient({ url }).connect() }) }
 * ```
 * @publicApi
 */
export class RedisEventStore extends EventStore {
  readonly #client: RedisStreamClient;
  readonly #prefix: string;
  readonly #maxEvents: number;
  readonly #lifetime: number;
  readonly #timeout: number;

  /** @throws Error where an option is not what it should be */
  constructor(options: RedisEventStoreOptions) {
    super();
    checkOptions('new RedisEventStore(…)', options, REDIS_EVENT_STORE_KEYS);
    const {
      client,
      keyPrefix = 'mcp:events:',
      maxEvents = 256,
      lifetime = 300_000,
      timeout = 3000,
    } = options;
    if (typeof (client as Partial<RedisStreamClient>)?.xAdd !== 'function') {
      throw new Error(
        'RedisEventStore: client is no Redis client. Give one that createClient() of the package `redis` made.',
      );
    }
    for (const [option, value] of Object.entries({
      maxEvents,
      lifetime,
      timeout,
    })) {
      checkLimit('RedisEventStore', option, value);
    }
    this.#client = client;
    this.#prefix = keyPrefix;
    this.#maxEvents = maxEvents;
    this.#lifetime = lifetime;
    this.#timeout = timeout;
  }

  override async keep(
    session: string,
    owner: string,
    lifetime: number,
  ): Promise<void> {
    await this.send((client) =>
      client.set(this.ownerKey(session), owner, {
        expiration: { type: 'PX', value: Math.ceil(lifetime) },
      }),
    );
  }

  override async ownerOf(session: string): Promise<string | undefined> {
    const owner = await this.send((client) =>
      client.get(this.ownerKey(session)),
    );
    return owner === null || owner === undefined ? undefined : toText(owner);
  }

  override async append(
    session: string,
    stream: string,
    message: unknown,
  ): Promise<string> {
    const key = this.eventsKey(session);
    const [id] = await this.send((client) =>
      Promise.all([
        client.xAdd(
          key,
          '*',
          { stream, message: JSON.stringify(message) },
          {
            TRIM: {
              strategy: 'MAXLEN',
              strategyModifier: '=',
              threshold: this.#maxEvents,
            },
          },
        ),
        client.pExpire(key, this.#lifetime),
      ]),
    );
    return eventId(session, id);
  }

  override async replay(
    session: string,
    after: string,
    stream?: string,
  ): Promise<StreamReplay | undefined> {
    const [, start, owner] = EVENT_ID.exec(after) ?? [];
    if (start === undefined || owner !== beginningOf(session)) {
      return undefined;
    }
    const entries =
      (await this.send((client) =>
        client.xRange(this.eventsKey(session), start, '+'),
      )) ?? [];
    const [first, ...rest] = entries;
    const isThere = first !== undefined && toText(first.id) === start;
    const name = stream ?? (isThere ? field(first, 'stream') : undefined);
    if (name === undefined) {
      return undefined;
    }
    return {
      stream: name,
      events: (isThere ? rest : entries)
        .filter((entry) => field(entry, 'stream') === name)
        .map((entry) => ({
          id: eventId(session, entry.id),
          message: JSON.parse(field(entry, 'message') ?? '{}') as unknown,
        })),
      position: eventId(session, entries.at(-1)?.id ?? start),
    };
  }

  override async forget(session: string): Promise<void> {
    // One by one: in a cluster the keys may be on different nodes.
    await this.send((client) =>
      Promise.all([
        client.del([this.ownerKey(session)]),
        client.del([this.eventsKey(session)]),
      ]),
    );
  }

  private ownerKey(session: string): string {
    return `${this.#prefix}${session}:owner`;
  }

  private eventsKey(session: string): string {
    return `${this.#prefix}${session}`;
  }

  private async send<T>(
    command: (client: RedisStreamClient) => Promise<T>,
  ): Promise<T> {
    if (this.#client.isReady === false) {
      throw new Error('Redis is not connected');
    }
    return withTimeLimit(
      command(this.#client),
      this.#timeout,
      `Redis did not answer in ${this.#timeout} ms`,
    );
  }
}

function eventId(session: string, entry: unknown): string {
  return `${toText(entry)}.${beginningOf(session)}`;
}

function beginningOf(session: string): string {
  return session.slice(0, 8);
}

function field(entry: RedisStreamEntry, name: string): string | undefined {
  const value = entry.message[name];
  return value === undefined ? undefined : toText(value);
}

/** A client may have been told to return buffers. */
function toText(reply: unknown): string {
  return typeof reply === 'string' ? reply : (reply as Buffer).toString();
}
