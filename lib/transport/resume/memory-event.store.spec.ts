import { MemoryEventStore } from './memory-event.store.js';

const text = (length: number) => ({ text: 'x'.repeat(length) });

describe('the limits of MemoryEventStore', () => {
  it.each([0, -1, 1.5, NaN, Infinity])('are whole numbers, not %d', (value) => {
    for (const option of [
      'maxEvents',
      'maxBytes',
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
