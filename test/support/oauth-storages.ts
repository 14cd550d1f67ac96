import { Keyv } from 'keyv';
import { setTimeout as pause } from 'node:timers/promises';
import { KeyvOAuthStore } from '../../lib/authorization-server/storage/keyv.store.js';
import { MemoryOAuthStore } from '../../lib/authorization-server/storage/memory.store.js';
import type { OAuthStore } from '../../lib/auth/issuer/oauth.store.js';
import { RedisOAuthStore } from '../../lib/authorization-server/storage/redis.store.js';
import { redisAvailable, startRedis } from './redis-server.js';

/** Storages that share what they keep, as instances of one application do. */
export interface OpenStorage {
  readonly stores: readonly [OAuthStore, ...OAuthStore[]];
  close(): Promise<void>;
}

/** One kind of storage, for tests that have to hold on each. */
export interface StorageCase {
  readonly name: string;
  /** Why it cannot be tested here. */
  readonly skipped?: string;
  open(): Promise<OpenStorage>;
}

export const storageCases: readonly StorageCase[] = [
  {
    name: 'MemoryOAuthStore',
    open: () => opened([new MemoryOAuthStore()]),
  },
  {
    name: 'KeyvOAuthStore on a Map',
    open: () => opened([new KeyvOAuthStore(new Keyv({ throwOnErrors: true }))]),
  },
  {
    name: 'KeyvOAuthStore on a database',
    open: () => {
      const store = new SlowDatabase();
      const instance = () =>
        new KeyvOAuthStore(
          new Keyv({ store, namespace: 'mcp', throwOnErrors: true }),
        );
      return opened([instance(), instance()]);
    },
  },
  {
    name: 'RedisOAuthStore',
    skipped: redisAvailable() ? undefined : 'there is no redis-server',
    open: async () => {
      const server = await startRedis();
      const instance = () => new RedisOAuthStore({ url: server.url });
      const { stores, close } = await opened([instance(), instance()]);
      return { stores, close: () => close().then(() => server.stop()) };
    },
  },
];

/**
 * Runs tests on every storage that there is; for one that there is not, a
 * skipped test says so.
 */
export function onEveryStorage(
  define: (storage: () => OpenStorage) => void,
): void {
  for (const { name, skipped, open } of storageCases) {
    describe(`on ${name}`, () => {
      if (skipped !== undefined) {
        it.skip(`is not tested: ${skipped}`, () => undefined);
        return;
      }
      let storage: OpenStorage;
      beforeAll(async () => {
        storage = await open();
      });
      afterAll(() => storage.close());
      define(() => storage);
    });
  }
}

async function opened(stores: OpenStorage['stores']): Promise<OpenStorage> {
  for (const store of stores) {
    await store.prepare();
  }
  return {
    stores,
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
    },
  };
}

/** A Keyv adapter that answers late, in no particular order, and deletes in one step. */
class SlowDatabase {
  readonly opts = {};
  private readonly rows = new Map<string, unknown>();

  on(): this {
    return this;
  }

  async get(key: string): Promise<unknown> {
    await this.late();
    return this.rows.get(key);
  }

  async set(key: string, value: unknown): Promise<boolean> {
    await this.late();
    this.rows.set(key, value);
    return true;
  }

  async delete(key: string): Promise<boolean> {
    await this.late();
    return this.rows.delete(key);
  }

  clear(): Promise<void> {
    this.rows.clear();
    return Promise.resolve();
  }

  private late(): Promise<void> {
    return pause(Math.random() * 4);
  }
}
