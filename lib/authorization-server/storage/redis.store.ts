import {
  checkStorage,
  checkStoreLimit,
  MAX_ENTRY_BYTES,
  setText,
} from './store.errors.js';
import { OAuthStore } from '../../auth/issuer/oauth.store.js';
import {
  checkTimeout,
  REDIS_KEYS,
  type RedisClient,
  RedisCommands,
  type RedisOptions,
} from '../../redis/redis-client.js';
import {
  connectRedis,
  type RedisConnection,
} from '../../redis/redis-connection.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

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
export interface RedisStoreOptions extends Partial<RedisOptions> {
  /** `redis://` or `rediss://`, with credentials and database. @default `'redis://localhost:6379'` */
  readonly url?: string;
  /** A connected client, in place of `url`; it is left open at the end. @default one of its own */
  readonly client?: RedisClient;
  /** Put before every key. @default `'mcp:'` */
  readonly keyPrefix?: string;
  /** Milliseconds to connect in, and that a command may take. @default 3000 */
  readonly timeout?: number;
  /** Bytes of JSON that one value may have; a request for more is refused. @default 131072 */
  readonly maxEntryBytes?: number;
}

const REDIS_STORE_KEYS: OptionKeys<RedisStoreOptions> = {
  ...REDIS_KEYS,
  url: true,
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
  #commands?: RedisCommands;
  #own?: RedisConnection;

  /** @throws Error where options contradict each other, or are not what they should be */
  constructor(options: RedisStoreOptions = {}) {
    super();
    checkOptions('new RedisOAuthStore(…)', options, REDIS_STORE_KEYS);
    const { url, client, keyPrefix = 'mcp:', timeout } = options;
    const { maxEntryBytes = MAX_ENTRY_BYTES } = options;
    if (url !== undefined && client) {
      throw new Error('RedisOAuthStore: give either url or client, not both');
    }
    this.#url = checkUrl(url ?? 'redis://localhost:6379');
    this.#prefix = keyPrefix;
    this.#timeout = checkTimeout('RedisOAuthStore', timeout);
    checkStoreLimit('RedisOAuthStore', 'maxEntryBytes', maxEntryBytes);
    this.#maxEntryBytes = maxEntryBytes;
    this.#commands = client && this.commandsOf(client);
  }

  override async prepare(): Promise<void> {
    if (!this.#commands) {
      this.#own = await connectRedis(this.#url, this.#timeout);
      this.#commands = this.commandsOf(this.#own.client);
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
    await setText(this, key, value, {
      lifetime,
      maxBytes: this.#maxEntryBytes,
      write: (text, kept) =>
        this.send((client) =>
          client.set(
            this.#prefix + key,
            text,
            kept === undefined
              ? undefined
              : { expiration: { type: 'PX', value: kept } },
          ),
        ),
    });
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
      this.#own = this.#commands = undefined;
      await own.close();
    }
  }

  private commandsOf(client: RedisClient): RedisCommands {
    return new RedisCommands('RedisOAuthStore', client, this.#timeout);
  }

  private async send(
    command: (client: RedisClient) => Promise<unknown>,
  ): Promise<unknown> {
    if (!this.#commands) {
      throw new Error('Redis is not connected');
    }
    return this.#commands.send(command);
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
