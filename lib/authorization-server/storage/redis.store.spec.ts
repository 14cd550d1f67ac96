import { Logger } from '@nestjs/common';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createClient } from 'redis';
import { RecordingLogger } from '../../../test/support/recording-logger.js';
import {
  redisAvailable,
  startRedis,
  type RedisServer,
} from '../../../test/support/redis-server.js';
import { until } from '../../../test/support/until.js';
import { RedisOAuthStore } from './redis.store.js';

const logger = new RecordingLogger();
const open: { close(): Promise<unknown> }[] = [];
let server: RedisServer;

beforeAll(() => Logger.overrideLogger(logger));
afterAll(() => Logger.overrideLogger(new Logger()));
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

/** A store that is closed after the test. */
function storeOf(
  options: ConstructorParameters<typeof RedisOAuthStore>[0],
): RedisOAuthStore {
  const store = new RedisOAuthStore(options);
  open.push(store);
  return store;
}

async function secondsOf(task: Promise<unknown>): Promise<number> {
  const start = Date.now();
  await task.catch(() => undefined);
  return (Date.now() - start) / 1000;
}

describe('RedisOAuthStore', () => {
  it('takes either a URL or a client', () => {
    const client = createClient();
    expect(
      () => new RedisOAuthStore({ url: 'redis://localhost', client }),
    ).toThrow('give either url or client');
  });

  it.each(['localhost:6379', 'http://localhost', 'me:pass-word@host', ''])(
    'refuses %j as a URL, without repeating it',
    (url) => {
      const make = () => new RedisOAuthStore({ url });
      expect(make).toThrow('url is no redis:// or rediss:// URL');
      expect(make).not.toThrow('pass-word');
    },
  );

  it.each([0, -1, NaN, Infinity])('refuses a timeout of %d', (timeout) => {
    expect(() => new RedisOAuthStore({ timeout })).toThrow(
      `timeout is ${timeout}`,
    );
  });

  it('stops the start where nothing listens, naming the option but no password', async () => {
    const store = storeOf({
      url: 'redis://me:pass-word@127.0.0.1:1/0',
      timeout: 1000,
    });
    const failure = await store.prepare().catch((error: Error) => error);
    expect(failure).toMatchObject({
      message: expect.stringMatching(
        /cannot connect to url redis:\/\/127\.0\.0\.1:1\/0 \(.*ECONNREFUSED.*start Redis there/,
      ) as string,
    });
    expect(String(failure)).not.toContain('pass-word');
    await expect(store.get('a')).rejects.toThrow('not connected');
  });

  it('stops the start where somebody listens and never answers', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as AddressInfo;
    const store = storeOf({ url: `redis://127.0.0.1:${port}`, timeout: 200 });
    const seconds = await secondsOf(
      expect(store.prepare()).rejects.toThrow('no answer in 200 ms'),
    );
    expect(seconds).toBeLessThan(2);
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => {
      silent.close(resolve);
    });
  });

  it('refuses a client that is not connected', async () => {
    await expect(
      new RedisOAuthStore({ client: createClient() }).prepare(),
    ).rejects.toThrow('Redis is not connected; it has to be 6.2 or newer');
  });
});

const [withRedis, title] = redisAvailable()
  ? [describe, 'RedisOAuthStore on a running Redis']
  : [describe.skip, 'RedisOAuthStore is not tested: there is no redis-server'];
withRedis(title, () => {
  beforeEach(async () => {
    server = await startRedis();
  });
  afterEach(() => server.stop());

  it('fails at once while Redis is down, says so once, and goes on afterwards', async () => {
    const store = storeOf({ url: server.url });
    await store.prepare();
    logger.lines.length = 0;
    await server.stop();
    for (let count = 0; count < 20; count++) {
      expect(await secondsOf(store.set('a', count))).toBeLessThan(0.5);
      await expect(store.get('a')).rejects.toThrow();
      await expect(store.take('a')).rejects.toThrow();
    }
    server = await startRedis(server.port);
    const deadline = Date.now() + 10_000;
    while (
      !(await store.set('b', 'back').then(
        () => true,
        () => false,
      )) &&
      Date.now() < deadline
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await store.get('b')).toBe('back');
    expect(await store.get('a')).toBeUndefined();
    expect(logger.of('error')).toEqual([
      expect.stringContaining(`Lost Redis at ${server.url}`),
    ]);
    expect(logger.of('log')).toEqual([
      expect.stringContaining('again') as string,
    ]);
  });

  it('gives up on a command that Redis does not answer', async () => {
    const store = storeOf({ url: server.url, timeout: 300 });
    await store.prepare();
    server.pause();
    await expect(store.take('a')).rejects.toThrow('did not answer in 300 ms');
    expect(await secondsOf(store.close())).toBeLessThan(2);
    server.resume();
  });

  it('refuses a Redis that cannot take a value in one step', async () => {
    const old = await startRedis(undefined, '--rename-command', 'GETDEL', '');
    await expect(storeOf({ url: old.url }).prepare()).rejects.toThrow(
      /unknown command.*it has to be 6.2 or newer/i,
    );
    await old.stop();
  });

  it('refuses wrong credentials', async () => {
    const closed = await startRedis(undefined, '--requirepass', 'right');
    const url = closed.url.replace('//', '//:wrong@');
    const failure = await storeOf({ url })
      .prepare()
      .catch((error: Error) => error);
    expect(String(failure)).toMatch(/WRONGPASS.*credentials/);
    await storeOf({ url: url.replace('wrong', 'right') }).prepare();
    await closed.stop();
  });

  it('works on a client of the application, and leaves it open', async () => {
    const client = createClient({ url: server.url });
    client.on('error', () => undefined);
    await client.connect();
    const store = new RedisOAuthStore({ client, keyPrefix: 'one:' });
    await store.prepare();
    await store.set('a', { b: 1 }, 90);
    expect(await client.get('one:a')).toBe('{"b":1}');
    expect(await client.pTTL('one:a')).toBeGreaterThan(80_000);
    await store.close();
    expect(await client.ping()).toBe('PONG');
    await server.stop();
    await until(() => !client.isReady);
    // The client itself would queue the command.
    expect(await secondsOf(store.get('a'))).toBeLessThan(0.5);
    client.destroy();
  });

  it('keeps keys of different prefixes apart, and leaves none of its check behind', async () => {
    const one = storeOf({ url: server.url });
    const other = storeOf({ url: server.url, keyPrefix: 'other:' });
    await one.prepare();
    await other.prepare();
    await one.set('a', 1);
    expect(await other.get('a')).toBeUndefined();
    const client = createClient({ url: server.url });
    await client.connect();
    expect(await client.keys('*')).toEqual(['mcp:a']);
    await client.close();
  });

  it('keeps what was written over a restart of the application', async () => {
    const before = storeOf({ url: server.url });
    await before.prepare();
    await before.set('client', { name: 'Claude' });
    await before.close();
    await expect(before.get('client')).rejects.toThrow('not connected');
    const after = storeOf({ url: server.url });
    await after.prepare();
    expect(await after.get('client')).toEqual({ name: 'Claude' });
  });
});
