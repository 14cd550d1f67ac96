import { jest } from '@jest/globals';
import { BoundedMap } from './bounded-map.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const keysOf = (map: BoundedMap<string, number>) =>
  ['a', 'b', 'c'].filter((key) => map.has(key));

describe('BoundedMap', () => {
  it('lets the oldest entry give way, read or not', () => {
    const map = new BoundedMap<string, number>({ maxEntries: 2 });
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    expect(keysOf(map)).toEqual(['b', 'c']);
    map.set('b', 4);
    map.set('a', 5);
    expect(keysOf(map)).toEqual(['a', 'b']);
    expect(map.size).toBe(2);
  });

  it('lets the least recently read give way, where it goes by use', () => {
    const map = new BoundedMap<string, number>({ maxEntries: 2, byUse: true });
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect(keysOf(map)).toEqual(['a', 'c']);
  });

  it('holds an entry for its time, or for a shorter one of its own', () => {
    const map = new BoundedMap<string, number>({ maxEntries: 9, ttl: 100 });
    map.set('a', 1);
    map.set('b', 2, Date.now() + 50);
    map.set('c', 3, Date.now() + 500);
    jest.setSystemTime(Date.now() + 50);
    expect(keysOf(map)).toEqual(['a', 'c']);
    jest.setSystemTime(Date.now() + 50);
    expect(keysOf(map)).toEqual([]);
  });

  it('is full of what holds, and has room again when that has expired', () => {
    const map = new BoundedMap<string, number>({ maxEntries: 1, ttl: 100 });
    expect(map.isFull).toBe(false);
    map.set('a', 1);
    expect(map.isFull).toBe(true);
    jest.setSystemTime(Date.now() + 100);
    expect(map.isFull).toBe(false);
    expect(map.size).toBe(0);
  });

  it('holds nothing where entries expire at once', () => {
    const map = new BoundedMap<string, number>({ maxEntries: 9, ttl: 0 });
    map.set('a', 1);
    expect(map.size).toBe(0);
  });
});
