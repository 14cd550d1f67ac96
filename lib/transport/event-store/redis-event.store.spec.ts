import { RedisEventStore } from './redis-event.store.js';
import type { RedisStreamClient } from './redis-stream-client.interface.js';

const silent = new Proxy({} as RedisStreamClient, {
  get: (_, name) =>
    name === 'isReady' ? true : () => new Promise(() => undefined),
});

describe('RedisEventStore', () => {
  it('refuses what is no client', () => {
    expect(() => new RedisEventStore({ client: {} as never })).toThrow(
      'RedisEventStore: client is no Redis client.',
    );
  });

  it.each(['maxEvents', 'lifetime', 'timeout'])('refuses 0 as %s', (option) => {
    expect(() => new RedisEventStore({ client: silent, [option]: 0 })).toThrow(
      `RedisEventStore: ${option} is 0.`,
    );
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
        ...({ xAdd: () => 'x' } as never as RedisStreamClient),
        isReady: false,
      },
    });
    await expect(store.ownerOf('s')).rejects.toThrow('Redis is not connected');
  });
});
