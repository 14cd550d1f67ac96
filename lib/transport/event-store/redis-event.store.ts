import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import {
  seal,
  unseal,
} from '../../auth/authorization-server/storage/sealed-value.js';
import { withTimeLimit } from '../../auth/authorization-server/storage/time-limit.js';
import { checkLimit } from './check-limit.js';
import { EventSizes } from './event-sizes.js';
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
  /**
   * Secrets of 32 characters or more, the same for every instance: events hold
   * results of tools, and are encrypted with them. The first seals, any opens.
   * @default a random one, outside production alone: other instances cannot read then
   */
  readonly secrets?: readonly string[];
  /** Events kept of a session. @default 256 */
  readonly maxEvents?: number;
  /** About how many bytes are kept of a session; a larger event is not kept. @default 4194304 */
  readonly maxBytes?: number;
  /** About how many bytes are kept of all sessions of one caller, at this instance. @default 16777216 */
  readonly maxOwnerBytes?: number;
  /** About how many bytes are kept of all sessions, at this instance. @default 67108864 */
  readonly maxTotalBytes?: number;
  /** Milliseconds that a session's events are kept after the last of them. @default 300000 */
  readonly lifetime?: number;
  /** Milliseconds that a command may take. @default 3000 */
  readonly timeout?: number;
}

const REDIS_EVENT_STORE_KEYS: OptionKeys<RedisEventStoreOptions> = {
  client: true,
  keyPrefix: true,
  secrets: true,
  maxEvents: true,
  maxBytes: true,
  maxOwnerBytes: true,
  maxTotalBytes: true,
  lifetime: true,
  timeout: true,
};

/**
 * An id of Redis, which two sessions may have alike in the same millisecond,
 * and the beginning of the session's, which makes it an event's.
 */
const EVENT_ID = /^(\d{1,20}-\d{1,20})\.(.{1,8})$/;

/** An event as it is sealed. */
interface SealedEvent {
  readonly stream: string;
  readonly message: unknown;
}

interface OpenedEvent extends SealedEvent {
  /** Id of the entry in Redis. */
  readonly position: string;
}

/**
 * Keeps events in Redis 5 or newer, for several instances of the application: a
 * stream that broke on one is resumed on another. Each session has a Redis
 * stream of a limited length, and a key that tells its owner. What is in the
 * stream is encrypted. Where a limit is reached, the events of sessions that
 * have been silent for longest give way, then the oldest of the session; a
 * client that asks for what came after one of them is told that its session is
 * gone.
 *
 * @example
 * ```ts
 * { provide: EventStore, useFactory: async () =>
 *     new RedisEventStore({
 *       client: await createClient({ url }).connect(),
 *       secrets: [process.env.MCP_SECRET],
 *     }) }
 * ```
 * @publicApi
 */
export class RedisEventStore extends EventStore {
  readonly #client: RedisStreamClient;
  readonly #prefix: string;
  readonly #secrets: readonly string[];
  readonly #sizes: EventSizes;
  readonly #lifetime: number;
  readonly #timeout: number;

  /** @throws Error where an option is not what it should be */
  constructor(options: RedisEventStoreOptions) {
    super();
    checkOptions('new RedisEventStore(…)', options, REDIS_EVENT_STORE_KEYS);
    const {
      client,
      keyPrefix = 'mcp:events:',
      secrets,
      maxEvents = 256,
      maxBytes = 4_194_304,
      maxOwnerBytes = 16_777_216,
      maxTotalBytes = 67_108_864,
      lifetime = 300_000,
      timeout = 3000,
    } = options;
    if (typeof (client as Partial<RedisStreamClient>)?.xAdd !== 'function') {
      throw new Error(
        'RedisEventStore: client is no Redis client. Give one that createClient() of the package `redis` made.',
      );
    }
    const limits = { maxEvents, maxBytes, maxOwnerBytes, maxTotalBytes };
    for (const [option, value] of Object.entries({
      ...limits,
      lifetime,
      timeout,
    })) {
      checkLimit('RedisEventStore', option, value);
    }
    this.#client = client;
    this.#prefix = keyPrefix;
    this.#secrets = secretsOf(secrets);
    this.#sizes = new EventSizes(limits, lifetime);
    this.#lifetime = lifetime;
    this.#timeout = timeout;
  }

  override async keep(
    session: string,
    owner: string,
    lifetime: number,
  ): Promise<void> {
    this.#sizes.own(session, owner);
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
    const event = seal(placeOf(this.#secrets[0]!, session), {
      stream,
      message,
    });
    const { keep, drop } = this.#sizes.add(session, event.length);
    const [id] = await this.send((client) =>
      Promise.all([
        client.xAdd(
          key,
          '*',
          { event },
          {
            TRIM: {
              strategy: 'MAXLEN',
              strategyModifier: '=',
              threshold: keep,
            },
          },
        ),
        client.pExpire(key, this.#lifetime),
        ...drop.map((silent) => client.del([this.eventsKey(silent)])),
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
    const opened = entries.flatMap((entry) => {
      const event = this.open(session, entry);
      return event ? [event] : [];
    });
    const [first, ...rest] = opened;
    const isThere = first?.position === start;
    const name = stream ?? (isThere ? first?.stream : undefined);
    if (name === undefined) {
      return undefined;
    }
    return {
      stream: name,
      events: (isThere ? rest : opened)
        .filter((event) => event.stream === name)
        .map(({ position, message }) => ({
          id: eventId(session, position),
          message,
        })),
      position: eventId(session, entries.at(-1)?.id ?? start),
    };
  }

  override async forget(session: string): Promise<void> {
    this.#sizes.forget(session);
    // One by one: in a cluster the keys may be on different nodes.
    await this.send((client) =>
      Promise.all([
        client.del([this.ownerKey(session)]),
        client.del([this.eventsKey(session)]),
      ]),
    );
  }

  /** Undefined for what was not sealed with one of the secrets, for this session. */
  private open(
    session: string,
    { id, message: fields }: RedisStreamEntry,
  ): OpenedEvent | undefined {
    const { event } = fields;
    for (const secret of event === undefined ? [] : this.#secrets) {
      const opened = unseal(placeOf(secret, session), toText(event));
      if (opened !== undefined) {
        return { ...(opened as SealedEvent), position: toText(id) };
      }
    }
    return undefined;
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

/** Ties what is sealed to its session. */
function placeOf(secret: string, session: string): string {
  return JSON.stringify(['events', secret, session]);
}

/** @throws Error naming the option and the remedy */
function secretsOf(given: readonly string[] | undefined): readonly string[] {
  if (given !== undefined) {
    const short = given.find((secret) => !(String(secret).length >= 32));
    if (given.length === 0 || short !== undefined) {
      throw new Error(
        'RedisEventStore: secrets are to be one or more, of 32 characters or ' +
          'more each, made at random, such as by `openssl rand -hex 32`.',
      );
    }
    return given;
  }
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'RedisEventStore: secrets is missing. In production, set it to one or ' +
        'more secrets of 32 characters that are the same for every instance, ' +
        'such as by `openssl rand -hex 32`.',
    );
  }
  new Logger('RedisEventStore').warn(
    'Events are encrypted with a random secret: other instances cannot read ' +
      'them. Set secrets.',
  );
  return [randomBytes(32).toString('hex')];
}

/** A client may have been told to return buffers. */
function toText(reply: unknown): string {
  return typeof reply === 'string' ? reply : (reply as Buffer).toString();
}
