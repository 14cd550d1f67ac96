import { setTimeout as sleep } from 'node:timers/promises';
import type { RedisEventStoreOptions } from './redis-event.options.js';
import { RedisEventStore } from './redis-event.store.js';
import type {
  RedisClient,
  RedisStreamEntry,
} from '../../redis/redis-client.js';

const silent = new Proxy({} as RedisClient, {
  get: (_, name) =>
    name === 'isReady' ? true : () => new Promise(() => undefined),
});

const OLD = 'an old secret of the tests that is long enough';
const NEW = 'a new secret of the tests that is long enough';

/** A Redis that has one stream, whatever its key. */
class OneStream {
  readonly entries: RedisStreamEntry[] = [];
  readonly deleted: [string, string[]][] = [];
  readonly isReady = true;

  duplicate = () => undefined;
  private readonly values = new Map<string, string>();

  set = (key: string, value: string) => {
    this.values.set(key, value);
    return Promise.resolve('OK');
  };
  get = (key: string) => Promise.resolve(this.values.get(key) ?? null);
  pExpire = () => Promise.resolve(1);
  xDel = (key: string, ids: string[]) =>
    Promise.resolve(this.deleted.push([key, ids]));
  xRange = (_: string, start: string) =>
    Promise.resolve(
      this.entries.slice(this.entries.findIndex(({ id }) => id === start)),
    );
  xAdd = (_: string, _id: string, message: Record<string, string>) => {
    const id = `${this.entries.length + 2}-1`;
    this.entries.push({ id, message });
    return Promise.resolve(id);
  };
}

function storeOn(
  client: OneStream,
  secrets: readonly string[],
  limits: Pick<RedisEventStoreOptions, 'maxOwnerBytes' | 'lifetime'> = {},
): RedisEventStore {
  return new RedisEventStore({
    client: client as unknown as RedisClient,
    secrets,
    ...limits,
  });
}

describe('RedisEventStore', () => {
  it('refuses what is no client', () => {
    expect(() => new RedisEventStore({ client: {} as never })).toThrow(
      'RedisEventStore: client is no client of the package redis.',
    );
  });

  it.each([
    'maxEvents',
    'maxBytes',
    'maxOwnerBytes',
    'maxTotalBytes',
    'lifetime',
    'timeout',
  ])('refuses 0 as %s', (option) => {
    expect(() => new RedisEventStore({ client: silent, [option]: 0 })).toThrow(
      `RedisEventStore: ${option} is 0.`,
    );
  });

  it.each([
    [[], 'secrets is empty, and needs secrets of 32 characters'],
    [['short'], 'secrets[0] has 5 characters, and needs 32 characters'],
  ])('refuses %j as secrets', (secrets, problem) => {
    expect(() => new RedisEventStore({ client: silent, secrets })).toThrow(
      `RedisEventStore: ${problem}`,
    );
  });

  it('needs secrets in production, and warns elsewhere', () => {
    const { NODE_ENV } = process.env;
    process.env.NODE_ENV = 'production';
    try {
      expect(() => new RedisEventStore({ client: silent })).toThrow(
        'RedisEventStore: secrets is missing. In production, set it',
      );
    } finally {
      process.env.NODE_ENV = NODE_ENV;
    }
  });

  describe('what it writes', () => {
    const message = { result: { content: 'the salary of ada' } };

    it('is encrypted, for its session alone, with any of the secrets', async () => {
      const client = new OneStream();
      const store = storeOn(client, [OLD]);
      const id = await store.append('session-1', 'stream-of-ada', message);
      await store.append('session-1', 'stream-of-ada', message);
      expect(JSON.stringify(client.entries)).not.toMatch(/salary|stream-of/);
      const renewed = storeOn(client, [NEW, OLD]);
      expect((await renewed.replay('session-1', id))?.events).toMatchObject([
        { message },
      ]);
      expect(await storeOn(client, [NEW]).replay('session-1', id)).toBe(
        undefined,
      );
      // Whoever writes to Redis could copy a stream to another session.
      expect(await store.replay('session-2', id)).toBeUndefined();
    });

    it('is absent where it was written before it was encrypted', async () => {
      const client = new OneStream();
      const store = storeOn(client, [NEW]);
      client.entries.push({
        id: '1-1',
        message: { stream: 'a', message: JSON.stringify(message) },
      });
      expect(await store.replay('session-1', '1-1.session-')).toBeUndefined();
      const id = await store.append('session-1', 'a', message);
      expect((await store.replay('session-1', id))?.events).toEqual([]);
    });

    it('is limited for one caller over all of its sessions', async () => {
      const client = new OneStream();
      const store = storeOn(client, [NEW], { maxOwnerBytes: 3000 });
      for (const session of ['a', 'b', 'c']) {
        await store.keep(session, session === 'c' ? 'eve' : 'ada', 1000);
        await store.append(session, 's', 'x'.repeat(1500));
      }
      expect(client.deleted).toEqual([['mcp:events:a', ['2-1']]]);
    });

    it('is limited for that caller when its sessions were silent for long, or begun elsewhere', async () => {
      const client = new OneStream();
      const limits = { maxOwnerBytes: 3000, lifetime: 50 };
      const store = storeOn(client, [NEW], limits);
      await store.keep('a', 'ada', 60_000);
      await storeOn(client, [NEW]).keep('b', 'ada', 60_000);
      await sleep(80);
      for (const session of ['a', 'b']) {
        await store.append(session, 's', 'x'.repeat(1500));
      }
      expect(client.deleted).toEqual([['mcp:events:a', ['2-1']]]);
    });
  });

  it('gives up on a Redis that does not answer', async () => {
    const store = new RedisEventStore({ client: silent, timeout: 50 });
    await expect(store.append('s', 'a', {})).rejects.toThrow(
      'Redis did not answer in 50 ms',
    );
  });

  it('sends nothing while the client is not connected', async () => {
    const store = new RedisEventStore({
      client: {
        ...({ duplicate: () => 'x' } as never as RedisClient),
        isReady: false,
      },
    });
    await expect(store.ownerOf('s')).rejects.toThrow('Redis is not connected');
  });
});
