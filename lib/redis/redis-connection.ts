import { Logger } from '@nestjs/common';
import { type RedisClient, withTimeLimit } from './redis-client.js';

/** Longest pause between two attempts to connect again, in milliseconds. */
const LONGEST_PAUSE = 3000;

/** A connection that belongs to the storage. */
export interface RedisConnection {
  readonly client: RedisClient;
  close(): Promise<void>;
}

/**
 * Connects to Redis. Only once that has worked is a lost connection made anew;
 * meanwhile commands fail at once instead of waiting.
 *
 * @param timeout milliseconds to connect in
 * @throws Error naming the option `url` and the remedy
 */
export async function connectRedis(
  url: string,
  timeout: number,
): Promise<RedisConnection> {
  const { createClient } = await loadRedis();
  const logger = new Logger('RedisOAuthStore');
  let isConnected = false;
  let isDown = false;
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: timeout,
      reconnectStrategy: (retries: number) =>
        isConnected && Math.min(100 * 2 ** Math.min(retries, 5), LONGEST_PAUSE),
    },
  });
  client.on('error', (error: Error) => {
    // Repeated for every attempt; one line per outage is enough.
    if (isConnected && !isDown) {
      isDown = true;
      logger.error(`Lost Redis at ${nameOf(url)}: ${describe(error)}`);
    }
  });
  client.on('ready', () => {
    if (isDown) {
      isDown = false;
      logger.log(`Connected to Redis at ${nameOf(url)} again`);
    }
  });
  try {
    await withTimeLimit(
      client.connect(),
      timeout,
      `no answer in ${timeout} ms`,
    );
  } catch (error) {
    client.destroy();
    throw new Error(
      `RedisOAuthStore: cannot connect to url ${nameOf(url)} (${describe(error)}); ` +
        'start Redis there, or correct url and its credentials',
      { cause: error },
    );
  }
  isConnected = true;
  return {
    client,
    close: () =>
      // Waits for pending commands, which a Redis that hangs never answers.
      withTimeLimit(client.close(), timeout, 'closing').catch(() =>
        client.destroy(),
      ),
  };
}

async function loadRedis() {
  try {
    return await import('redis');
  } catch (error) {
    throw new Error(
      'RedisOAuthStore needs the package `redis`: npm install redis',
      { cause: error },
    );
  }
}

/** Without user name and password. */
function nameOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Node's own errors of several addresses at once have no message. */
function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || 'unknown error';
}
