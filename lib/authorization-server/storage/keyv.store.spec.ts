import { Keyv } from 'keyv';
import { setTimeout as pause } from 'node:timers/promises';
import { KeyvOAuthStore, type KeyvInstance } from './keyv.store.js';

describe('KeyvOAuthStore', () => {
  it('refuses a Keyv that hides errors', async () => {
    await expect(new KeyvOAuthStore(new Keyv()).prepare()).rejects.toThrow(
      'throwOnErrors: true',
    );
  });

  it('refuses a Keyv whose delete does not tell who deleted', async () => {
    const keyv = memory();
    const careless: KeyvInstance = {
      ...keyv,
      delete: async (key) => {
        await keyv.delete(key);
        return true;
      },
    };
    await expect(new KeyvOAuthStore(careless).prepare()).rejects.toThrow(
      'it claims to have deleted a key that it never held',
    );
  });

  it('refuses a Keyv that keeps nothing', async () => {
    const forgetful: KeyvInstance = {
      ...memory(),
      get: () => Promise.resolve(undefined),
    };
    await expect(new KeyvOAuthStore(forgetful).prepare()).rejects.toThrow(
      'it does not return what was written',
    );
  });

  it('passes an error of the database on', async () => {
    const fail = () => Promise.reject(new Error('database is down'));
    const store = Object.assign(new Map<string, unknown>(), {
      get: fail,
      set: fail,
      delete: fail,
    });
    const down = new KeyvOAuthStore(
      new Keyv({ store, throwOnErrors: true, emitErrors: false }),
    );
    for (const operation of [
      () => down.get('a'),
      () => down.take('a'),
      () => down.set('a', 1),
      () => down.delete('a'),
      () => down.prepare(),
    ]) {
      await expect(operation()).rejects.toThrow('database is down');
    }
  });

  it('fails where the database says that it did not write', async () => {
    const full = new KeyvOAuthStore({
      ...memory(),
      set: () => Promise.resolve(false),
    });
    await expect(full.set('a', 1)).rejects.toThrow('did not keep');
  });

  it('gives a value to one, in one process, where the database looks before it deletes', async () => {
    const keyv = memory();
    const store = new KeyvOAuthStore({
      ...keyv,
      delete: async (key) => {
        const isThere = (await keyv.get(key)) !== undefined;
        await pause(1);
        await keyv.delete(key);
        return isThere;
      },
    });
    await store.prepare();
    await store.set('a', 'once');
    const taken = await Promise.all(
      Array.from({ length: 50 }, () => store.take('a')),
    );
    expect(taken.filter((value) => value !== undefined)).toEqual(['once']);
  });

  it('keeps keys apart from those of the application, and of another prefix', async () => {
    const map = new Map<string, unknown>();
    const keyv = new Keyv({ store: map, throwOnErrors: true });
    const store = new KeyvOAuthStore(keyv);
    const other = new KeyvOAuthStore(keyv, { keyPrefix: 'other:' });
    await keyv.set('a', 'application');
    await store.set('a', 'store');
    expect(await other.get('a')).toBeUndefined();
    expect(await keyv.get('a')).toBe('application');
    expect([...map.keys()]).toContain('keyv:mcp:a');
    await store.delete('a');
    expect(await keyv.get('a')).toBe('application');
  });

  it('reads nothing that it did not write', async () => {
    const keyv = memory();
    await keyv.set('mcp:a', { foreign: true });
    expect(await new KeyvOAuthStore(keyv).get('a')).toBeUndefined();
  });

  it('disconnects only where it was told to', async () => {
    let count = 0;
    const keyv: KeyvInstance = {
      ...memory(),
      disconnect: () => Promise.resolve(void count++),
    };
    await new KeyvOAuthStore(keyv).close();
    expect(count).toBe(0);
    await new KeyvOAuthStore(keyv, { disconnect: true }).close();
    expect(count).toBe(1);
  });
});

/** A Keyv as a plain object, for tests that change one of its methods. */
function memory(): KeyvInstance {
  const keyv = new Keyv({ throwOnErrors: true });
  return {
    get: (key) => keyv.get<unknown>(key),
    set: (key, value, ttl) => keyv.set(key, value, ttl),
    delete: (key) => keyv.delete(key),
    throwOnErrors: true,
  };
}
