import { checkStorage } from './store.errors.js';
import {
  checkStoreLimit,
  MAX_ENTRY_BYTES,
  toJsonText,
} from './store.errors.js';
import { toMilliseconds } from './store.errors.js';
import { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { RedisClient } from './redis-connection.js';
import { connectRedis, type RedisConnection } from './redis-connection.js';
import { withTimeLimit } from '../../platform/time-limit.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { shown } from '../../options/option-values.js';

/** Adds to a number, which lives for as long as it was begun with. */
const ADD = `
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return sum`;

/**
 * Settings of {@link RedisOAuthStore}.
 *
 * @publicApi
 */
export interface RedisStoreOptions {
  /** `redis://` or `rediss://`, with credentials and database. @default `'redis://localhost:6379'` */
  readonly url?: string;
  /** A connected client, instead of `url`; it is left open at the end. @default one of its own */
  readonly client?: RedisClient;
  /** Put before every key. @default `'mcp:'` */
  readonly keyPrefix?: string;
  /** Milliseconds to connect in, and that a command may take. @default 3000 */
  readonly timeout?: number;
  /** Bytes of JSON that one value may have; a request for more is refused. @default 131072 */
  readonly maxEntryBytes?: number;
}

const REDIS_STORE_KEYS: OptionKeys<RedisStoreOptions> = {
  url: true,
  client: true,
  keyPrefix: true,
  timeout: true,
  maxEntryBytes: true,
};

/**
 * Keeps everything in Redis 6.2 or newer, through the package `redis`, for
 * several instances of the application and over restarts. While Redis is down,
 * commands fail: nothing is accepted that cannot be checked. Its memory must
 * not be limited with a policy that evicts keys, as that undoes revocations.
 *
 * @publicApi
 */
export class RedisOAuthStore extends OAuthStore {
  readonly #url: string;
  readonly #prefix: string;
  readonly #timeout: number;
  readonly #maxEntryBytes: number;
  #client?: RedisClient;
  #own?: RedisConnection;

  /** @throws Error where options contradict each other, or are not what they should be */
  constructor(options: RedisStoreOptions = {}) {
    super();
    checkOptions('new RedisOAuthStore(…)', options, REDIS_STORE_KEYS);
    const { url, client, keyPrefix = 'mcp:', timeout = 3000 } = options;
    const { maxEntryBytes = MAX_ENTRY_BYTES } = options;
    if (url !== undefined && client) {
      throw new Error('RedisOAuthStore: give either url or client, not both');
    }
    this.#url = checkUrl(url ?? 'redis://localhost:6379');
    this.#prefix = keyPrefix;
    this.#timeout = checkTimeout(timeout);
    checkStoreLimit('RedisOAuthStore', 'maxEntryBytes', maxEntryBytes);
    this.#maxEntryBytes = maxEntryBytes;
    this.#client = client;
  }

  override async prepare(): Promise<void> {
    if (!this.#client) {
      this.#own = await connectRedis(this.#url, this.#timeout);
      this.#client = this.#own.client;
    }
    try {
      await checkStorage(this);
    } catch (error) {
      await this.close();
      throw new Error(
        `RedisOAuthStore: Redis cannot be used, as ${(error as Error).message}; it has to ` +
          'be 6.2 or newer, connected, and to allow GET, SET, GETDEL, DEL and EVAL',
        { cause: error },
      );
    }
  }

  override async get(key: string): Promise<unknown> {
    return parse(await this.send((client) => client.get(this.#prefix + key)));
  }

  override async set(
    key: string,
    value: unknown,
    lifetime?: number,
  ): Promise<void> {
    const text = toJsonText(value, this.#maxEntryBytes);
    const kept = toMilliseconds(lifetime);
    if (kept === 0) {
      // An error of Redis otherwise.
      return this.delete(key);
    }
    await this.send((client) =>
      kept === undefined
        ? client.set(this.#prefix + key, text)
        : client.set(this.#prefix + key, text, {
            expiration: { type: 'PX', value: kept },
          }),
    );
  }

  override async take(key: string): Promise<unknown> {
    return parse(
      await this.send((client) => client.getDel(this.#prefix + key)),
    );
  }

  override async delete(key: string): Promise<void> {
    await this.send((client) => client.del(this.#prefix + key));
  }

  override async add(
    key: string,
    amount: number,
    lifetime: number,
  ): Promise<number> {
    const sum = await this.send((client) =>
      client.eval(ADD, {
        keys: [this.#prefix + key],
        arguments: [String(amount), String(Math.ceil(lifetime * 1000))],
      }),
    );
    return Number(sum);
  }

  override async close(): Promise<void> {
    const own = this.#own;
    if (own) {
      this.#own = this.#client = undefined;
      await own.close();
    }
  }

  private async send(
    command: (client: RedisClient) => Promise<unknown>,
  ): Promise<unknown> {
    const client = this.#client;
    if (!client || client.isReady === false) {
      throw new Error('Redis is not connected');
    }
    return withTimeLimit(
      command(client),
      this.#timeout,
      `Redis did not answer in ${this.#timeout} ms`,
    );
  }
}

/** A client may have been told to return buffers. */
function parse(reply: unknown): unknown {
  return reply === null || reply === undefined
    ? undefined
    : JSON.parse((reply as string | Buffer).toString());
}

function checkUrl(url: string): string {
  if (!URL.canParse(url) || !/^rediss?:$/.test(new URL(url).protocol)) {
    // It may hold a password, so it is not repeated.
    throw new Error(
      'RedisOAuthStore: url is no redis:// or rediss:// URL; give one such as redis://localhost:6379',
    );
  }
  return url;
}

function checkTimeout(timeout: number): number {
  if (!(timeout > 0 && timeout < 2 ** 31)) {
    throw new Error(
      `RedisOAuthStore: timeout is ${shown(timeout)}; give milliseconds above 0`,
    );
  }
  return timeout;
}
