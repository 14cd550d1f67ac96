import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../../test/support/frozen-time.js';
import { MemoryOAuthStore } from './memory.store.js';

beforeEach(() => freezeTime(0));
afterEach(() => releaseTime());

describe('MemoryOAuthStore', () => {
  it('forgets a value in the very second that its lifetime names', async () => {
    const store = new MemoryOAuthStore();
    await store.set('a', 1, 60);
    passSeconds(59.999);
    expect(await store.get('a')).toBe(1);
    passSeconds(0.001);
    expect(await store.get('a')).toBeUndefined();
    expect(await store.take('a')).toBeUndefined();
  });

  it('lets the oldest give way when it is full', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'd']) {
      await store.set(key, key);
    }
    expect(await valuesOf(store, ['a', 'b', 'c', 'd'])).toEqual([
      undefined,
      'b',
      'c',
      'd',
    ]);
  });

  it('counts what is written anew as new, and once', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) {
      await store.set(key, key);
    }
    expect(await valuesOf(store, ['a', 'b', 'c', 'd'])).toEqual([
      'a',
      undefined,
      'c',
      'd',
    ]);
  });

  it('lets what has expired give way first', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 4 });
    await store.set('kept', 'kept');
    await store.set('short', 'short', 1);
    await store.set('short too', 'short too', 1);
    passSeconds(2);
    await store.set('new', 'new');
    await store.set('newer', 'newer');
    expect(await store.get('kept')).toBe('kept');
    expect(await store.get('newer')).toBe('newer');
  });

  it('drops expired entries while it is far from full', async () => {
    const store = new MemoryOAuthStore();
    await store.set('kept', 'kept');
    let largest = 0;
    for (let index = 0; index < 10_000; index++) {
      await store.set(`key ${index}`, index, 1);
      passSeconds(0.1);
      largest = Math.max(largest, store.size);
    }
    expect(largest).toBeLessThan(1100);
    expect(await store.get('kept')).toBe('kept');
  });

  it.each([0, -1, 1.5, NaN, Infinity])(
    'refuses to keep %d entries',
    (maxEntries) => {
      expect(() => new MemoryOAuthStore({ maxEntries })).toThrow(
        `maxEntries is ${maxEntries}`,
      );
    },
  );
});

function valuesOf(store: MemoryOAuthStore, keys: string[]) {
  return Promise.all(keys.map((key) => store.get(key)));
}
