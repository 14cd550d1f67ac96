import { Sealer } from '../../secrets/sealer.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { checkSecrets } from '../../options/option-values.js';
import { TokenStore } from './token.store.js';

/**
 * What is used of a client of the package `redis`, so that one the application
 * has already can be given. It has to be connected.
 *
 * @publicApi
 */
export interface RedisTokenClient {
  get(key: string): Promise<unknown>;
  getDel(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: {
      readonly expiration: { readonly type: 'PX'; readonly value: number };
    },
  ): Promise<unknown>;
}

/** Options of {@link RedisTokenStore}. @publicApi */
export interface RedisTokenStoreOptions {
  /** A connected client of the package `redis`; it is left open at the end. */
  readonly client: RedisTokenClient;
  /**
   * Secrets of 32 characters or more, the same for every instance: tokens are
   * encrypted with them. The first seals, any opens.
   */
  readonly secrets: readonly string[];
  /** Put before every key. @default 'mcp:client:' */
  readonly keyPrefix?: string;
}

const REDIS_KEYS: OptionKeys<RedisTokenStoreOptions> = {
  client: true,
  secrets: 'texts',
  keyPrefix: 'text',
};

/** Keeps tokens in Redis, encrypted, for all instances of the application. @publicApi */
export class RedisTokenStore extends TokenStore {
  private readonly client: RedisTokenClient;
  private readonly prefix: string;
  private readonly sealer: Sealer;

  /** @throws Error naming the option and the remedy */
  constructor(options: RedisTokenStoreOptions) {
    super();
    checkOptions('new RedisTokenStore(…)', options, REDIS_KEYS);
    const { client, secrets, keyPrefix = 'mcp:client:' } = options;
    if (
      typeof (client as Partial<RedisTokenClient> | null)?.set !== 'function'
    ) {
      throw new Error(
        'RedisTokenStore: client is no Redis client. Give one that createClient() of the package `redis` made.',
      );
    }
    checkSecrets('RedisTokenStore: secrets', secrets ?? []);
    this.client = client;
    this.prefix = keyPrefix;
    this.sealer = new Sealer(secrets, 'client tokens');
  }

  override async get(key: string): Promise<unknown> {
    return this.sealer.open(key, await this.client.get(this.prefix + key));
  }

  override async take(key: string): Promise<unknown> {
    return this.sealer.open(key, await this.client.getDel(this.prefix + key));
  }

  override async set(
    key: string,
    value: unknown,
    lifetime: number,
  ): Promise<void> {
    await this.client.set(
      this.prefix + key,
      await this.sealer.seal(key, value),
      { expiration: { type: 'PX', value: Math.max(1, Math.ceil(lifetime)) } },
    );
  }
}
