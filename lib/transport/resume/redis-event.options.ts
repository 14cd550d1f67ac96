import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import type { EventSizeLimits } from './event-sizes.js';
import { checkLimit } from './event.store.js';

/** One entry of a Redis stream. @publicApi */
export interface RedisStreamEntry {
  readonly id: unknown;
  readonly message: Readonly<Record<string, unknown>>;
}

/**
 * What is used of a client of the package `redis`, so that one the application
 * has already can be given. It has to be connected.
 *
 * @publicApi
 */
export interface RedisStreamClient {
  get(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: {
      readonly expiration: { readonly type: 'PX'; readonly value: number };
    },
  ): Promise<unknown>;
  del(keys: string[]): Promise<unknown>;
  xAdd(
    key: string,
    id: string,
    message: Record<string, string>,
    options: {
      readonly TRIM: {
        readonly strategy: 'MAXLEN';
        readonly strategyModifier: '=';
        readonly threshold: number;
      };
    },
  ): Promise<unknown>;
  xRange(
    key: string,
    start: string,
    end: string,
  ): Promise<readonly RedisStreamEntry[] | null>;
  xDel(key: string, ids: string[]): Promise<unknown>;
  hSet(key: string, field: string, value: string): Promise<unknown>;
  hDel(key: string, fields: string[]): Promise<unknown>;
  hGetAll(key: string): Promise<Readonly<Record<string, unknown>>>;
  pExpire(key: string, milliseconds: number): Promise<unknown>;
  /** Where it is false, nothing is sent: the client might wait for ever. */
  readonly isReady?: boolean;
}

/** Settings of a `RedisEventStore`. @publicApi */
export interface RedisEventStoreOptions {
  /** A connected client of the package `redis`; it is left open at the end. */
  readonly client: RedisStreamClient;
  /** Put before every key. @default `'mcp:events:'` */
  readonly keyPrefix?: string;
  /**
   * Secrets of 32 characters or more, the same for every instance: events hold
   * results of tools, and are encrypted with them, as what is known of a session
   * is. The first seals, any opens.
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

/** {@link RedisEventStoreOptions} with every default in place. */
interface RedisEventSettings {
  readonly client: RedisStreamClient;
  readonly keyPrefix: string;
  readonly secrets: readonly string[] | undefined;
  readonly limits: EventSizeLimits;
  readonly lifetime: number;
  readonly timeout: number;
}

/** @throws Error where an option is not what it should be */
export function resolveRedisEvents(
  options: RedisEventStoreOptions,
): RedisEventSettings {
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
  return { client, keyPrefix, secrets, limits, lifetime, timeout };
}
