import { KeyedQueue } from './oauth.store.js';

describe('KeyedQueue', () => {
  it('runs tasks of one key in order, and others meanwhile', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = queue.run('a', async () => {
      await held;
      log.push('a1');
    });
    const second = queue.run('a', () => Promise.resolve(log.push('a2')));
    await queue.run('b', () => Promise.resolve(log.push('b')));
    release();
    await Promise.all([first, second]);
    expect(log).toEqual(['b', 'a1', 'a2']);
  });

  it('goes on after a task that fails, and forgets keys without tasks', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run('a', () => Promise.reject(new Error('no')));
    const next = queue.run('a', () => Promise.resolve('yes'));
    expect(queue.size).toBe(1);
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe('yes');
    expect(queue.size).toBe(0);
  });
});
