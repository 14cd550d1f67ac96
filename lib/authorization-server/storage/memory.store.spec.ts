import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
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

  it.each([0, -1, 1.5, NaN, Infinity])('refuses a limit of %d', (value) => {
    for (const option of ['maxEntries', 'maxBytes', 'maxEntryBytes']) {
      expect(() => new MemoryOAuthStore({ [option]: value })).toThrow(
        `MemoryOAuthStore: ${option} is ${value}; give a whole number above 0`,
      );
    }
  });

  it('counts bytes, of which it never keeps more than its limit', async () => {
    const store = new MemoryOAuthStore({ maxBytes: 2000 });
    for (let index = 0; index < 50; index++) {
      await store.set(`key ${index}`, 'x'.repeat(index * 10));
      expect(store.bytes).toBeLessThanOrEqual(2000);
    }
    await store.set('key 49', 'short');
    for (let index = 0; index < 50; index++) {
      await store.delete(`key ${index}`);
    }
    expect([store.bytes, store.size]).toEqual([0, 0]);
  });

  it('lets what nobody used give way first, then logins under way, then what was issued', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 3 });
    const ranks = ['issued', 'pending', 'unused'] as const;
    for (const rank of ranks) {
      await store.set(rank, rank, 60, rank);
    }
    const left: unknown[] = [];
    for (const key of ['a', 'b', 'c']) {
      await store.set(key, key, 60, 'issued');
      left.push(await valuesOf(store, [...ranks]));
    }
    expect(left).toEqual([
      ['issued', 'pending', undefined],
      ['issued', undefined, undefined],
      [undefined, undefined, undefined],
    ]);
  });

  it('keeps revocations until they expire, and refuses what has no room beside them', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 3 });
    const revocations = ['a', 'b', 'c'];
    for (const key of revocations) {
      await store.set(key, key, 60, 'revocation');
    }
    for (const rank of ['unused', 'pending', 'issued', 'revocation'] as const) {
      await expect(store.set('more', 1, 60, rank)).rejects.toThrow('is full');
    }
    expect(await valuesOf(store, revocations)).toEqual(revocations);
    await store.set('a', 'again', 60, 'revocation');
    passSeconds(61);
    for (const key of ['d', 'e', 'f', 'g']) {
      await store.set(key, key, 60, 'issued');
    }
    expect(await store.get('g')).toBe('g');
  });

  it('lets nothing give way to what matters less', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 2 });
    await store.set('grant', 'grant', 60, 'issued');
    await store.set('login', 'login', 60, 'pending');
    await expect(store.set('new', 1, 60, 'unused')).rejects.toThrow('is full');
    await store.set('other', 'other', 60, 'pending');
    expect(await valuesOf(store, ['grant', 'login', 'other'])).toEqual([
      'grant',
      undefined,
      'other',
    ]);
    await expect(
      new MemoryOAuthStore({ maxBytes: 100 }).set('a', 'x'.repeat(200)),
    ).rejects.toThrow('is full');
  });

  it('leaves a value in place where there is no room for its successor', async () => {
    const store = new MemoryOAuthStore({ maxBytes: 200 });
    await store.set('revoked', 'x'.repeat(100), 60, 'revocation');
    await store.set('a', 'old');
    await expect(store.set('a', 'x'.repeat(150))).rejects.toThrow('is full');
    expect(await store.get('a')).toBe('old');
  });
});

function valuesOf(store: MemoryOAuthStore, keys: string[]) {
  return Promise.all(keys.map((key) => store.get(key)));
}
