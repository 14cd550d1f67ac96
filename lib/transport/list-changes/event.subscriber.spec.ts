import { AccessToken } from '../../auth/token/access-token.js';
import { type Audience, EventSubscriber } from './event.subscriber.js';
import type { McpServerEvent } from './server-event-bus.js';

const updated = (uri: string): McpServerEvent => ({
  kind: 'resource_updated',
  uri,
});
const settled = () => new Promise((resolve) => setTimeout(resolve, 150));

function subscriber(
  includes: Audience['includes'],
  caller: () => AccessToken | null = () => null,
) {
  const heard: string[] = [];
  const it = new EventSubscriber(
    (event) => heard.push((event as { uri: string }).uri),
    caller,
    { includes },
  );
  return { it, heard };
}

describe('EventSubscriber', () => {
  it('is told at once where the decision is there at once, and of more in the next turns', async () => {
    const { it: listener, heard } = subscriber(
      (event) => (event as { uri: string }).uri !== 'b',
    );
    ['a', 'b', 'c'].forEach((uri) => listener.hear(updated(uri)));
    expect(heard).toEqual(['a']);
    await settled();
    expect(heard).toEqual(['a', 'c']);
  });

  it('is told once of what happens again while it has no time', async () => {
    let drain = (): void => undefined;
    const drained = new Promise<void>((resolve) => (drain = resolve));
    const heard: McpServerEvent[] = [];
    const listener = new EventSubscriber(
      (event) => heard.push(event),
      () => null,
      { includes: () => true },
      () => drained,
    );
    for (let count = 0; count < 1000; count += 1) {
      listener.hear(updated(count % 2 ? 'a' : 'b'));
      listener.hear({ kind: 'tools_list_changed', names: [`t${count % 3}`] });
    }
    await settled();
    expect(heard).toEqual([updated('b')]);
    drain();
    await settled();
    expect(heard.slice(1)).toEqual([
      { kind: 'tools_list_changed', names: ['t0', 't1', 't2'] },
      updated('a'),
      updated('b'),
    ]);
  });

  it('keeps the order, however long decisions take', async () => {
    const delays: Record<string, number | undefined> = { a: 20, b: 1, d: 5 };
    const { it: listener, heard } = subscriber((event) => {
      const delay = delays[(event as { uri: string }).uri];
      return delay === undefined
        ? true
        : new Promise((resolve) => setTimeout(() => resolve(true), delay));
    });
    ['a', 'b', 'c', 'd', 'e'].forEach((uri) => listener.hear(updated(uri)));
    await settled();
    expect(heard).toEqual(['a', 'b', 'c', 'd', 'e']);
    listener.hear(updated('f'));
    expect(heard).toContain('f');
  });

  it('is not told where a decision fails, and goes on', async () => {
    const { it: listener, heard } = subscriber((event) =>
      (event as { uri: string }).uri === 'a'
        ? Promise.reject(new Error('down'))
        : true,
    );
    listener.hear(updated('a'));
    listener.hear(updated('b'));
    await settled();
    expect(heard).toEqual(['b']);
  });

  it('is not told after its end, nor what was being decided on then', async () => {
    const { it: listener, heard } = subscriber(() => Promise.resolve(true));
    listener.hear(updated('a'));
    listener.end();
    listener.hear(updated('b'));
    await settled();
    expect(heard).toEqual([]);
  });

  it('is told nothing on an expired token, and goes on with a newer one', () => {
    let token = new AccessToken({ token: 't', expiresAt: new Date(0) });
    const { it: listener, heard } = subscriber(
      () => true,
      () => token,
    );
    listener.hear(updated('a'));
    token = new AccessToken({ token: 't' });
    listener.hear(updated('b'));
    expect(heard).toEqual(['b']);
  });

  it('is told nothing where the token expires while it is decided on', async () => {
    const token = new AccessToken({
      token: 't',
      expiresAt: new Date(Date.now() + 5),
    });
    const { it: listener, heard } = subscriber(
      () => new Promise((resolve) => setTimeout(() => resolve(true), 15)),
      () => token,
    );
    listener.hear(updated('a'));
    await settled();
    expect(heard).toEqual([]);
  });
});
