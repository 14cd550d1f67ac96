import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import type { EventSizeLimits } from './event-sizes.js';
import {
  REDIS_KEYS,
  RedisCommands,
  type RedisOptions,
} from '../../redis/redis-client.js';
import { checkLimit } from './event.store.js';

/** Settings of a `RedisEventStore`. @publicApi */
export interface RedisEventStoreOptions extends RedisOptions {
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
}

const REDIS_EVENT_STORE_KEYS: OptionKeys<RedisEventStoreOptions> = {
  ...REDIS_KEYS,
  secrets: true,
  maxEvents: true,
  maxBytes: true,
  maxOwnerBytes: true,
  maxTotalBytes: true,
  lifetime: true,
};

/** {@link RedisEventStoreOptions} with every default in place. */
interface RedisEventSettings {
  readonly commands: RedisCommands;
  readonly keyPrefix: string;
  readonly secrets: readonly string[] | undefined;
  readonly limits: EventSizeLimits;
  readonly lifetime: number;
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
    timeout,
  } = options;
  const limits = { maxEvents, maxBytes, maxOwnerBytes, maxTotalBytes };
  for (const [option, value] of Object.entries({
    ...limits,
    lifetime,
  })) {
    checkLimit('RedisEventStore', option, value);
  }
  const commands = new RedisCommands('RedisEventStore', client, timeout);
  return { commands, keyPrefix, secrets, limits, lifetime };
}
