import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientCaller } from '../auth/client-auth.js';
import { McpConnectionError } from '../client.errors.js';
import type { ClientSettings } from '../config/client-settings.js';
import { backoff } from '../connection/connection.js';
import type { Connections } from '../connection/connections.js';
import { failureOf } from '../connection/failure.js';
import { openCall } from '../connection/http-fetch.js';
import { checkCallOptions, type McpClientCallOptions } from './call-options.js';

/** Makes a request of a connected client. */
export type Send<T> = (client: Client, options: RequestOptions) => Promise<T>;

/** Whether a request that may have been acted on can be sent again. */
export type IsRepeatable = () => boolean | Promise<boolean>;

/** For what only reads. */
export const REPEATABLE: IsRepeatable = () => true;

/** Makes requests of one server: connects, waits, tries again what is safe. */
export class CallRunner {
  constructor(
    private readonly server: string,
    private readonly settings: ClientSettings,
    private readonly connections: Connections,
  ) {}

  /** @throws McpClientError, or the reason of the signal */
  async run<T>(
    caller: ClientCaller,
    options: McpClientCallOptions,
    isRepeatable: IsRepeatable,
    send: Send<T>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T> {
    checkCallOptions(options);
    const { signal, onProgress, timeout = this.settings.timeout } = options;
    const request: RequestOptions = {
      timeout,
      resetTimeoutOnProgress: true,
      ...(signal && { signal }),
      ...(onProgress && { onprogress: onProgress }),
      ...(headers && { headers }),
    };
    const { retry } = this.settings;
    const connection = this.connections.of(caller);
    for (let attempt = 0; ; attempt += 1) {
      const client = await connection.open(signal);
      try {
        return await this.send(client, send, request);
      } catch (error) {
        const failure = failureOf(this.server, error, {
          timeout,
          ...(signal && { signal }),
        });
        if (!(failure instanceof McpConnectionError)) {
          throw failure;
        }
        if (failure.status === undefined || failure.status === 404) {
          connection.retire(client);
        }
        if (
          attempt >= retry.attempts ||
          (failure.isSent && !(await isRepeatable()))
        ) {
          throw failure;
        }
        await pause(backoff(retry, attempt), undefined, {
          ...(signal && { signal }),
        }).catch(() => signal?.throwIfAborted());
      }
    }
  }

  /** Ends with the stream of the answer as well, where that ends without one. */
  private send<T>(
    client: Client,
    send: Send<T>,
    request: RequestOptions,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const streamEnded = (cause: unknown): void =>
        reject(
          new McpConnectionError(
            this.server,
            'the connection was closed before the answer',
            { cause },
          ),
        );
      openCall
        .run({ streamEnded }, () => send(client, request))
        .then(resolve, reject);
    });
  }
}
