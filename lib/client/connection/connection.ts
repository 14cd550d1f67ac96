import type { Client } from '@modelcontextprotocol/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientCaller } from '../auth/client-auth.js';
import { McpConnectionError } from '../client.errors.js';
import type { ClientSettings } from '../config/client-settings.js';
import { failureOf } from './failure.js';
import {
  type ClientParts,
  openClient,
  type OpenClient,
} from './open-client.js';

/** One connection to one server, for one caller or for all: opened when it is needed, and again when it was lost. */
export class Connection {
  /** On whose behalf the latest call was made; of one principal, whoever it is. */
  caller: ClientCaller = {};
  /** Of the latest use, in the milliseconds of `Date.now()`. */
  usedAt = Date.now();
  private opening: Promise<OpenClient> | undefined;
  private current: OpenClient | undefined;
  private readonly retired = new Set<OpenClient>();
  private isClosed = false;
  private readonly closing = new AbortController();
  private readonly reopened = new Set<() => void>();

  constructor(
    private readonly server: string,
    readonly settings: ClientSettings,
    private readonly parts: ClientParts,
    private readonly isShared: boolean,
  ) {}

  /** Whether there is an open connection, or one being opened. */
  get isOpen(): boolean {
    return this.opening !== undefined;
  }

  /** Does something on each connection that replaces a lost one; returns how to stop. */
  onReopened(repeat: () => void): () => void {
    this.reopened.add(repeat);
    return () => void this.reopened.delete(repeat);
  }

  /**
   * The connected client.
   *
   * @param signal ends the wait, not the attempt that others may wait for
   * @throws McpClientError
   */
  async open(signal?: AbortSignal): Promise<Client> {
    signal?.throwIfAborted();
    this.usedAt = Date.now();
    this.opening ??= this.start();
    const { client } = await unlessAborted(this.opening, signal);
    return client;
  }

  /**
   * Forgets a client that has failed: the next call connects anew. Calls that
   * it still has may end.
   */
  retire(client: Client): void {
    if (this.current?.client !== client) {
      return;
    }
    const retired = this.current;
    this.opening = undefined;
    this.current = undefined;
    this.retired.add(retired);
    setTimeout(() => {
      this.retired.delete(retired);
      void retired.close().catch(() => undefined);
    }, this.settings.timeout).unref();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.closing.abort();
    await this.opening?.catch(() => undefined);
    const open = [...this.retired, ...(this.current ? [this.current] : [])];
    this.retired.clear();
    this.opening = undefined;
    this.current = undefined;
    await Promise.allSettled(open.map((client) => client.close()));
  }

  private async start(): Promise<OpenClient> {
    try {
      const opened = await this.connect();
      const { client } = opened;
      this.current = opened;
      client.onclose = () => {
        if (this.current === opened) {
          this.opening = undefined;
          this.current = undefined;
        }
      };
      // Without it, lists that change would go unnoticed.
      void client.autoOpenedSubscription?.closed.then((cause) => {
        if (cause !== 'local') {
          this.retire(client);
        }
      });
      this.reopened.forEach((repeat) => repeat());
      return opened;
    } catch (error) {
      this.opening = undefined;
      throw error;
    }
  }

  private async connect(): Promise<OpenClient> {
    const { retry, connectTimeout } = this.settings;
    for (let attempt = 0; ; attempt += 1) {
      if (this.isClosed) {
        throw new McpConnectionError(this.server, 'the client is closed', {
          isSent: false,
        });
      }
      try {
        return await openClient(
          this.server,
          this.settings,
          this.parts,
          () => this.caller,
          this.isShared,
        );
      } catch (error) {
        const failure = failureOf(this.server, error, {
          timeout: connectTimeout,
        });
        if (attempt >= retry.attempts || !isPassing(failure)) {
          throw failure;
        }
        await pause(backoff(retry, attempt), undefined, {
          signal: this.closing.signal,
        }).catch(() => undefined);
      }
    }
  }
}

/** Whether another attempt may succeed. */
function isPassing(failure: unknown): boolean {
  return (
    failure instanceof McpConnectionError &&
    (failure.status === undefined ||
      failure.status >= 500 ||
      failure.status === 429)
  );
}

/** Milliseconds before the next attempt: doubled each time, of which a random half to all. */
export function backoff(
  { delay, maxDelay }: ClientSettings['retry'],
  attempt: number,
): number {
  const longest = Math.min(maxDelay, delay * 2 ** attempt);
  return longest * (0.5 + Math.random() / 2);
}

async function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) {
    return promise;
  }
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
