import { setTimeout as pause } from 'node:timers/promises';
import { onEveryStorage } from '../../../test/support/oauth-storages.js';

const JSON_VALUES: readonly unknown[] = [
  'text',
  '',
  0,
  -1.5,
  true,
  false,
  null,
  [],
  {},
  { nested: [{ deep: 'ä ☕ 𝒳 \u0000 "quotes"' }, null], 'odd key: \n': 1 },
  'lone \ud800 surrogate',
];

const ODD_KEYS = [
  'a b',
  'a:b:c',
  'mcp:a',
  'mcp:mcp:a',
  '__proto__',
  'constructor',
  '*?[a-z]{1}',
  'ключ ☕ 𝒳',
  'line\r\nDEL a b\u0000',
  '../../etc',
  'k'.repeat(5000),
];

describe('a storage', () => {
  onEveryStorage((storage) => {
    let count = 0;
    let key: string;
    const first = () => storage().stores[0];
    beforeEach(() => {
      key = `key ${++count}`;
    });

    it.each(JSON_VALUES.map((value) => [JSON.stringify(value), value]))(
      'returns %s as it was written',
      async (_text, value) => {
        await first().set(key, value);
        expect(await first().get(key)).toEqual(value);
        await first().set(key, value, 60);
        expect(await first().get(key)).toEqual(value);
        expect(await first().take(key)).toEqual(value);
      },
    );

    it('refuses what is no JSON', async () => {
      await expect(first().set(key, undefined)).rejects.toThrow(TypeError);
      expect(await first().get(key)).toBeUndefined();
    });

    it('refuses a value of more bytes than it keeps, and keeps what was there', async () => {
      await first().set(key, 'old');
      await expect(first().set(key, 'ä'.repeat(66_000))).rejects.toMatchObject({
        status: 400,
        message: 'invalid_request',
      });
      expect(await first().get(key)).toBe('old');
      await first().set(key, 'x'.repeat(130_000), 60, 'unused');
    });

    it('replaces a value, and its lifetime', async () => {
      await first().set(key, 'old', 0.05);
      await first().set(key, 'new');
      await pause(80);
      expect(await first().get(key)).toBe('new');
    });

    it('shares no value by reference', async () => {
      const written = { list: ['a'] };
      await first().set(key, written);
      written.list.push('b');
      const read = (await first().get(key)) as typeof written;
      expect(read).toEqual({ list: ['a'] });
      read.list.push('c');
      expect(await first().get(key)).toEqual({ list: ['a'] });
    });

    it('forgets a value when its lifetime is over', async () => {
      await first().set(key, 'short', 0.2);
      expect(await first().get(key)).toBe('short');
      await pause(250);
      expect(await first().get(key)).toBeUndefined();
      expect(await first().take(key)).toBeUndefined();
    });

    it.each([0, -1, -Infinity])(
      'keeps nothing for %d seconds, not even what was there',
      async (lifetime) => {
        await first().set(key, 'old');
        await first().set(key, 'new', lifetime);
        expect(await first().get(key)).toBeUndefined();
      },
    );

    it.each([Infinity, 400 * 24 * 60 * 60, 0.5, 1.2345])(
      'keeps a value for %d seconds',
      async (lifetime) => {
        await first().set(key, 'long', lifetime);
        expect(await first().get(key)).toBe('long');
      },
    );

    it('refuses a lifetime that is no number', async () => {
      await expect(first().set(key, 1, NaN)).rejects.toThrow(RangeError);
    });

    it('gives a value to exactly one of 50 that take it', async () => {
      const { stores } = storage();
      for (let round = 0; round < 5; round++) {
        await first().set(key, { round }, 60);
        const taken = await Promise.all(
          Array.from({ length: 50 }, (_, index) =>
            (stores[index % stores.length] ?? stores[0]).take(key),
          ),
        );
        expect(taken.filter((value) => value !== undefined)).toEqual([
          { round },
        ]);
        expect(await first().get(key)).toBeUndefined();
      }
    });

    it('takes different keys side by side', async () => {
      const keys = Array.from({ length: 30 }, (_, index) => `${key} ${index}`);
      await Promise.all(keys.map((name) => first().set(name, name)));
      expect(await Promise.all(keys.map((name) => first().take(name)))).toEqual(
        keys,
      );
    });

    it('shows every instance what another has written', async () => {
      const { stores } = storage();
      const last = stores.at(-1);
      await first().set(key, 'shared');
      expect(await last?.get(key)).toBe('shared');
      await last?.delete(key);
      expect(await first().get(key)).toBeUndefined();
    });

    it('removes a value', async () => {
      await first().set(key, 'gone');
      await first().delete(key);
      expect(await first().get(key)).toBeUndefined();
      expect(await first().take(key)).toBeUndefined();
    });

    it('knows nothing of an unknown key, without an error', async () => {
      expect(await first().get(key)).toBeUndefined();
      expect(await first().take(key)).toBeUndefined();
      await expect(first().delete(key)).resolves.toBeUndefined();
    });

    it('tells odd keys apart', async () => {
      for (const odd of ODD_KEYS) {
        await first().set(odd, `value of ${odd}`);
      }
      for (const odd of ODD_KEYS) {
        expect(await first().get(odd)).toBe(`value of ${odd}`);
        expect(await first().take(odd)).toBe(`value of ${odd}`);
      }
    });
  });
});
