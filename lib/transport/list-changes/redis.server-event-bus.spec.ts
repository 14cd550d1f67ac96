import { Logger } from '@nestjs/common';
import { jest } from '@jest/globals';
import { RedisServerEventBus } from './redis.server-event-bus.js';
import type { McpServerEvent, McpSessionEvent } from './server-event-bus.js';

type Listener = (message: string) => void;

/** What is used of a client, with a channel that tells its own publishers as well, as Redis does. */
class FakeRedis {
  readonly sent: string[] = [];
  readonly duplicates: FakeSubscriber[] = [];
  isReady = true;
  fail: (() => never) | undefined;

  constructor(private readonly channels = new Map<string, Listener[]>()) {}

  publish(channel: string, message: string): Promise<number> {
    this.fail?.();
    this.sent.push(message);
    this.channels.get(channel)?.forEach((listener) => listener(message));
    return Promise.resolve(1);
  }

  /** Of another instance. */
  twin(): FakeRedis {
    return new FakeRedis(this.channels);
  }

  say(message: string): void {
    this.channels.get('mcp:events')?.forEach((listener) => listener(message));
  }

  duplicate(): FakeSubscriber {
    const subscriber = new FakeSubscriber(this.channels);
    this.duplicates.push(subscriber);
    return subscriber;
  }
}

class FakeSubscriber {
  isDestroyed = false;
  static connects: () => Promise<void> = () => Promise.resolve();
  private onError: ((error: Error) => void) | undefined;

  constructor(private readonly channels: Map<string, Listener[]>) {}

  connect = () => FakeSubscriber.connects();

  subscribe(channel: string, listener: Listener): Promise<void> {
    const listeners = this.channels.get(channel) ?? [];
    this.channels.set(channel, [...listeners, listener]);
    return Promise.resolve();
  }

  on(event: 'error' | 'ready', listener: (error: Error) => void): void {
    if (event === 'error') {
      this.onError = listener;
    }
  }

  lose(): void {
    this.onError?.(new Error('connection lost'));
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

const CHANGED: McpServerEvent = { kind: 'tools_list_changed', names: ['a'] };
const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

describe('RedisServerEventBus', () => {
  let redis: FakeRedis;
  let errors: jest.SpiedFunction<Logger['error']>;

  beforeEach(() => {
    redis = new FakeRedis();
    FakeSubscriber.connects = () => Promise.resolve();
    errors = jest
      .spyOn(Logger.prototype, 'error')
      .mockImplementation(() => undefined);
  });
  afterEach(() => errors.mockRestore());

  const listening = async (client = redis) => {
    const bus = new RedisServerEventBus({ client: client as never });
    const heard: (McpServerEvent | McpSessionEvent)[] = [];
    await bus.onApplicationBootstrap();
    const stop = bus.subscribe((event) => heard.push(event));
    return { bus, heard, stop };
  };

  it('tells its own listeners at once, and once', async () => {
    const { bus, heard } = await listening();
    bus.publish(CHANGED);
    expect(heard).toEqual([CHANGED]);
    await turn();
    expect(redis.sent).toHaveLength(1);
    expect(heard).toHaveLength(1);
  });

  it('tells the listeners of other instances', async () => {
    const { bus } = await listening();
    const other = await listening(redis.twin());
    bus.publish(CHANGED);
    await turn();
    expect(other.heard).toEqual([CHANGED]);
    other.stop();
    bus.publish(CHANGED);
    await turn();
    expect(other.heard).toHaveLength(1);
  });

  it('keeps apart what has another prefix', async () => {
    const bus = new RedisServerEventBus({
      client: redis as never,
      keyPrefix: 'other:',
    });
    const { heard } = await listening(redis.twin());
    bus.publish(CHANGED);
    await turn();
    expect(heard).toEqual([]);
  });

  it.each([
    [
      'rejects',
      () => {
        throw new Error('LOADING');
      },
    ],
  ])('goes on where Redis %s, and says so once', async (_title, fail) => {
    const { bus, heard } = await listening();
    redis.fail = fail;
    bus.publish(CHANGED);
    bus.publish(CHANGED);
    await turn();
    expect(heard).toHaveLength(2);
    expect(errors).toHaveBeenCalledTimes(1);
    redis.fail = undefined;
    bus.publish(CHANGED);
    await turn();
    redis.fail = fail;
    bus.publish(CHANGED);
    await turn();
    expect(errors).toHaveBeenCalledTimes(2);
  });

  it('keeps nothing for later where the client is not ready', async () => {
    const { bus, heard } = await listening();
    redis.isReady = false;
    bus.publish(CHANGED);
    await turn();
    expect(redis.sent).toEqual([]);
    expect(heard).toHaveLength(1);
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it.each([
    'no JSON',
    'null',
    '{}',
    '{"origin":"x"}',
    '{"origin":"x","event":{"kind":"unknown"}}',
    '{"origin":"x","event":{"kind":"resource_updated"}}',
    '{"origin":1,"event":{"kind":"tools_list_changed"}}',
    '{"origin":"x","event":{"kind":"tools_list_changed","names":"a"}}',
    '{"origin":"x","event":{"kind":"tools_list_changed","names":[1]}}',
    '{"origin":"x","event":{"kind":"tools_list_changed","server":1}}',
    '{"origin":"x","event":{"kind":"session_changed"}}',
    '{"origin":"x","event":{"kind":"session_changed","session":"s"}}',
    '{"origin":"x","event":{"kind":"session_changed","session":"s","from":"i","after":1}}',
  ])('takes no notice of what is none of its own: %s', async (message) => {
    const { heard } = await listening();
    redis.say(message);
    expect(heard).toEqual([]);
  });

  it('survives the loss of the connection, and says so once', async () => {
    await listening();
    redis.duplicates[0]?.lose();
    redis.duplicates[0]?.lose();
    expect(errors).toHaveBeenCalledTimes(1);
  });

  it('lets the application start where Redis cannot be subscribed to', async () => {
    FakeSubscriber.connects = () => Promise.reject(new Error('NOPERM'));
    const { bus, heard } = await listening();
    bus.publish(CHANGED);
    expect(heard).toEqual([CHANGED]);
    expect(errors).toHaveBeenCalledWith(expect.stringContaining('NOPERM'));
  });

  it('ends its own connection with the application, and only that', async () => {
    const { bus } = await listening();
    bus.onApplicationShutdown();
    expect(redis.duplicates.map(({ isDestroyed }) => isDestroyed)).toEqual([
      true,
    ]);
    bus.subscribe(() => undefined);
    expect(redis.duplicates).toHaveLength(1);
  });

  it('is refused without a client', () => {
    expect(
      () => new RedisServerEventBus({ client: undefined as never }),
    ).toThrow(/client is no client of the package redis/);
  });
});
