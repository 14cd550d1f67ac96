import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { MemorySocket } from './in-process-fetch.js';

describe('the two ends of a connection in memory', () => {
  it('say to each other what was written', async () => {
    const [one, other] = MemorySocket.pair();
    one.end('question');
    const question = other.iterator({ destroyOnReturn: false });
    expect(await text(question)).toBe('question');
    other.end('answer');
    expect(await text(one)).toBe('answer');
  });

  it('hold a writer back until the other reads', async () => {
    const [one, other] = MemorySocket.pair();
    const large = 'x'.repeat(1_000_000);
    let isWritten = false;
    one.end(large, () => {
      isWritten = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isWritten).toBe(false);
    expect((await text(other)).length).toBe(large.length);
    expect(isWritten).toBe(true);
  });

  it('go together where one goes before its end', async () => {
    const [one, other] = MemorySocket.pair();
    one.destroy();
    await once(other, 'close');
    expect(other.destroyed).toBe(true);
  });

  it('lose nothing that was said before one went', async () => {
    const [one, other] = MemorySocket.pair();
    one.write('last words');
    one.destroySoon();
    await once(one, 'close');
    expect(await text(other)).toBe('last words');
  });

  it('do not wait for one that is gone', async () => {
    const [one, other] = MemorySocket.pair();
    other.end();
    other.destroySoon();
    await once(other, 'close');
    await new Promise<void>((resolve, reject) => {
      one.write('x'.repeat(100_000), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    one.destroy();
    expect(one.destroyed).toBe(true);
  });
});
