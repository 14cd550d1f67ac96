import { randomUUID } from 'node:crypto';
import {
  checkStorage,
  checkStoreLimit,
  MAX_ENTRY_BYTES,
  setText,
} from './store.errors.js';
import { KeyedQueue, OAuthStore } from '../../auth/issuer/oauth.store.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/**
 * What is used of a `Keyv` 5 instance.
 *
 * @publicApi
 */
export interface KeyvInstance {
  get(key: string): Promise<unknown>;
  /** @param ttl milliseconds */
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  delete(key: string): Promise<boolean>;
  disconnect?(): Promise<void>;
  /** Has to be true: otherwise a database that is down looks like an empty one. */
  throwOnErrors?: boolean;
}

/**
 * Settings of {@link KeyvOAuthStore}.
 *
 * @publicApi
 */
export interface KeyvStoreOptions {
  /** Put before every key. @default `'mcp:'` */
  readonly keyPrefix?: string;
  /** Whether `close()` disconnects the instance. @default false: it belongs to the application */
  readonly disconnect?: boolean;
  /** Bytes of JSON that one value may have; a request for more is refused. @default 131072 */
  readonly maxEntryBytes?: number;
}

const KEYV_STORE_KEYS: OptionKeys<KeyvStoreOptions> = {
  keyPrefix: true,
  disconnect: true,
  maxEntryBytes: true,
};

/**
 * Keeps everything in a database that Keyv has an adapter for.
 *
 * ```ts
 * new KeyvOAuthStore(new Keyv({ store: new KeyvMongo(url), throwOnErrors: true }))
 * ```
 *
 * A value is taken by whoever deletes it, so `delete` of the adapter has to
 * tell, in one step of the database, whether this very call removed the key.
 * Those for MongoDB and Redis do. Those for PostgreSQL and MySQL look first and
 * delete then, which is right for one instance of the application alone: with
 * several, a copied code could be redeemed twice. An adapter that has a setting
 * `throwOnErrors` of its own needs it too.
 *
 * @publicApi
 */
export class KeyvOAuthStore extends OAuthStore {
  readonly #takes = new KeyedQueue();
  readonly #prefix: string;
  readonly #disconnect: boolean;
  readonly #maxEntryBytes: number;

  /** @throws Error where a limit is no whole number above 0 */
  constructor(
    private readonly keyv: KeyvInstance,
    options: KeyvStoreOptions = {},
  ) {
    super();
    checkOptions('new KeyvOAuthStore(keyv, …)', options, KEYV_STORE_KEYS);
    const {
      keyPrefix = 'mcp:',
      disconnect = false,
      maxEntryBytes = MAX_ENTRY_BYTES,
    } = options;
    checkStoreLimit('KeyvOAuthStore', 'maxEntryBytes', maxEntryBytes);
    this.#maxEntryBytes = maxEntryBytes;
    this.#prefix = keyPrefix;
    this.#disconnect = disconnect;
  }

  override async prepare(): Promise<void> {
    if (this.keyv.throwOnErrors !== true) {
      throw new Error(
        'KeyvOAuthStore: make the Keyv instance with `throwOnErrors: true`, as a ' +
          'revoked token is accepted where a failing read passes for an empty one',
      );
    }
    try {
      if (await this.keyv.delete(`${this.#prefix}check:${randomUUID()}`)) {
        throw new Error('it claims to have deleted a key that it never held');
      }
      await checkStorage(this);
    } catch (error) {
      throw new Error(
        `KeyvOAuthStore: the Keyv instance cannot be used, as ${describe(error)}; ` +
          'use an adapter whose delete() tells whether it removed the key',
        { cause: error },
      );
    }
  }

  override async get(key: string): Promise<unknown> {
    const text = await this.keyv.get(this.#prefix + key);
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  }

  override async set(
    key: string,
    value: unknown,
    lifetime?: number,
  ): Promise<void> {
    await setText(this, key, value, {
      lifetime,
      maxBytes: this.#maxEntryBytes,
      write: async (text, kept) => {
        if (!(await this.keyv.set(this.#prefix + key, text, kept))) {
          throw new Error('Keyv did not keep a value');
        }
      },
    });
  }

  override take(key: string): Promise<unknown> {
    return this.#takes.run(key, async () => {
      const value = await this.get(key);
      return value !== undefined && (await this.keyv.delete(this.#prefix + key))
        ? value
        : undefined;
    });
  }

  override async delete(key: string): Promise<void> {
    await this.keyv.delete(this.#prefix + key);
  }

  override async close(): Promise<void> {
    if (this.#disconnect) {
      await this.keyv.disconnect?.();
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
