import type { OptionKeys } from '../options/option-keys.js';
import { shown } from '../options/option-values.js';

/** One entry of a Redis stream. @publicApi */
export interface RedisStreamEntry {
  readonly id: unknown;
  readonly message: Readonly<Record<string, unknown>>;
}

interface Expiration {
  readonly expiration: { readonly type: 'PX'; readonly value: number };
}

interface Trimmed {
  readonly TRIM: {
    readonly strategy: 'MAXLEN';
    readonly strategyModifier: '=';
    readonly threshold: number;
  };
}

/**
 * A connected client of the package `redis`, as `createClient()` makes it: what
 * the library uses of one.
 *
 * @publicApi
 */
export interface RedisClient {
  get(key: string): Promise<unknown>;
  set(key: string, value: string, options?: Expiration): Promise<unknown>;
  /** GETDEL, which Redis has since 6.2. */
  getDel(key: string): Promise<unknown>;
  del(keys: string | string[]): Promise<unknown>;
  eval(
    script: string,
    options: { readonly keys: string[]; readonly arguments: string[] },
  ): Promise<unknown>;
  pExpire(key: string, milliseconds: number): Promise<unknown>;
  xAdd(
    key: string,
    id: string,
    message: Record<string, string>,
    options: Trimmed,
  ): Promise<unknown>;
  xRange(
    key: string,
    start: string,
    end: string,
  ): Promise<readonly RedisStreamEntry[] | null>;
  xDel(key: string, ids: string[]): Promise<unknown>;
  hSet(key: string, field: string, value: string): Promise<unknown>;
  hDel(key: string, fields: string[]): Promise<unknown>;
  hGetAll(key: string): Promise<Readonly<Record<string, unknown>>>;
  publish(channel: string, message: string): Promise<unknown>;
  /** A second client of the same settings, still to be connected: one that subscribes can do nothing else. */
  duplicate(): RedisSubscriber;
  /** False while the connection is lost. Nothing is sent then, as the client would keep it for later. */
  readonly isReady?: boolean;
}

/** The client that subscribes: what the library uses of it. @publicApi */
export interface RedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(
    channel: string,
    listener: (message: string) => void,
  ): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'ready', listener: () => void): unknown;
  destroy(): void;
}

/** What everything that works on Redis is given. @publicApi */
export interface RedisOptions {
  /** A connected client; it is left open at the end. */
  readonly client: RedisClient;
  /** Put before every key, or name of a channel; the same on every instance. */
  readonly keyPrefix?: string;
  /** Milliseconds that a command may take. @default 3000 */
  readonly timeout?: number;
}

export const REDIS_KEYS: OptionKeys<RedisOptions> = {
  client: true,
  keyPrefix: true,
  timeout: true,
};

/** Milliseconds that a command may take where no option says otherwise. */
const TIMEOUT = 3000;

/** Commands to one Redis, each of which is answered in time or fails. */
export class RedisCommands {
  readonly timeout: number;

  /**
   * @param owner class that takes the options, as errors name it
   * @throws Error where an option is not what it should be
   */
  constructor(
    owner: string,
    private readonly client: RedisClient,
    timeout: number = TIMEOUT,
  ) {
    if (typeof (client as Partial<RedisClient>)?.duplicate !== 'function') {
      throw new Error(
        `${owner}: client is no client of the package redis. Give what its ` +
          'createClient() returns, connected.',
      );
    }
    this.timeout = checkTimeout(owner, timeout);
  }

  /** @throws Error where Redis is away, refuses, or takes too long */
  async send<T>(command: (client: RedisClient) => Promise<T>): Promise<T> {
    if (this.client.isReady === false) {
      throw new Error('Redis is not connected');
    }
    return withTimeLimit(
      command(this.client),
      this.timeout,
      `Redis did not answer in ${this.timeout} ms`,
    );
  }
}

/** @throws Error where it is no number of milliseconds that a timer takes */
export function checkTimeout(owner: string, timeout: number = TIMEOUT): number {
  if (!(timeout > 0 && timeout < 2 ** 31)) {
    throw new Error(
      `${owner}: timeout is ${shown(timeout)}. Write milliseconds above 0.`,
    );
  }
  return timeout;
}

/**
 * Gives up on what takes too long. What was started goes on; its outcome is
 * ignored.
 *
 * @param limit milliseconds
 * @throws Error with the message, when the time is over
 */
export async function withTimeLimit<T>(
  started: Promise<T>,
  limit: number,
  message: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), limit);
  });
  try {
    return await Promise.race([started, over]);
  } finally {
    clearTimeout(timer);
  }
}
