import { MemoryEventStore } from './memory-event.store.js';

const text = (length: number) => ({ text: 'x'.repeat(length) });

describe('the limits of MemoryEventStore', () => {
  it.each([0, -1, 1.5, NaN, Infinity])('are whole numbers, not %d', (value) => {
    for (const option of [
      'maxEvents',
      'maxBytes',
      'maxOwnerBytes',
      'maxTotalBytes',
      'lifetime',
    ]) {
      expect(() => new MemoryEventStore({ [option]: value })).toThrow(
        `MemoryEventStore: ${option} is ${value}. Write a whole number above 0.`,
      );
    }
  });

  it('hold for the bytes of a session', async () => {
    const store = new MemoryEventStore({ maxBytes: 1000 });
    for (let count = 0; count < 50; count++) {
      await store.append('one', 'a', text(200));
      expect(store.bytes).toBeLessThanOrEqual(1000);
    }
    await store.append('one', 'a', text(5000));
    expect(store.bytes).toBe(0);
  });

  it('hold for the bytes of all: the session that is silent for longest gives way', async () => {
    const store = new MemoryEventStore({ maxTotalBytes: 2000 });
    const first = await store.append('silent', 'a', text(900));
    const kept = await store.append('lively', 'a', text(500));
    const latest = await store.append('lively', 'a', text(900));
    expect(store.bytes).toBeLessThanOrEqual(2000);
    expect(await store.replay('silent', first)).toBeUndefined();
    expect((await store.replay('lively', kept))?.events[0]?.id).toBe(latest);
  });

  it('hold for the bytes of a caller: their silent sessions give way, and nobody else’s', async () => {
    const store = new MemoryEventStore({ maxOwnerBytes: 2000 });
    await store.keep('anns', 'ann', 60_000);
    await store.keep('anns other', 'ann', 60_000);
    await store.keep('bobs', 'bob', 60_000);
    const bobs = await store.append('bobs', 'a', text(900));
    const silent = await store.append('anns', 'a', text(900));
    const kept = await store.append('anns other', 'a', text(500));
    const latest = await store.append('anns other', 'a', text(900));
    expect(await store.replay('anns', silent)).toBeUndefined();
    expect((await store.replay('anns other', kept))?.events[0]?.id).toBe(
      latest,
    );
    expect(await store.replay('bobs', bobs)).toBeDefined();
    await store.append('anns other', 'a', text(5000));
    await store.forget('bobs');
    expect(store.bytes).toBe(0);
  });

  it('leave nothing behind of sessions that are silent for their lifetime', async () => {
    const store = new MemoryEventStore({ lifetime: 30 });
    for (let count = 0; count < 100; count++) {
      await store.append(`session ${count}`, 'a', text(100));
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
    await store.append('another', 'a', {});
    expect(store.bytes).toBe(2);
  });
});
