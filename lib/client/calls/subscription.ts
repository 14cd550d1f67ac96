import type { Client } from '@modelcontextprotocol/client';
import { setTimeout as pause } from 'node:timers/promises';
import { type Connection, backoff } from '../connection/connection.js';

/** Notices of changes of one resource. @publicApi */
export interface McpClientSubscription {
  /** Ends it, and tells the server. */
  close(): Promise<void>;
}

/** Who waits for changes of resources, on one connection. */
export class Subscriptions {
  private readonly listeners = new Map<string, Set<() => void>>();

  /** Has a new client tell of changes. */
  attach(client: Client): void {
    client.setNotificationHandler(
      'notifications/resources/updated',
      ({ params }) => {
        this.listeners.get(params.uri)?.forEach((listener) => listener());
      },
    );
  }

  /**
   * Subscribes to one resource, and again on each connection that replaces a
   * lost one: what changed between them is not told.
   */
  async open(
    connection: Connection,
    uri: string,
    onUpdated: () => void,
  ): Promise<McpClientSubscription> {
    const listeners = this.listeners.get(uri) ?? new Set();
    this.listeners.set(uri, listeners.add(onUpdated));
    const isOver = new AbortController();
    let end = await this.subscribe(connection, uri);
    const follow = (): void => {
      void end.lost?.then(async (cause) => {
        if (cause === 'local' || isOver.signal.aborted) {
          return;
        }
        await again();
      });
    };
    const again = async (): Promise<void> => {
      for (let attempt = 0; !isOver.signal.aborted; attempt += 1) {
        await pause(backoff(connection.settings.retry, attempt), undefined, {
          signal: isOver.signal,
          ref: false,
        }).catch(() => undefined);
        if (isOver.signal.aborted) {
          return;
        }
        try {
          end = await this.subscribe(connection, uri);
          follow();
          return;
        } catch {
          // Tried again after a longer pause.
        }
      }
    };
    follow();
    const stop = connection.onReopened(() => {
      // In the modern era the stream itself tells that it is lost.
      if (!end.lost) {
        void again();
      }
    });
    return {
      close: async () => {
        isOver.abort();
        stop();
        listeners.delete(onUpdated);
        if (listeners.size === 0) {
          this.listeners.delete(uri);
        }
        await end.close();
      },
    };
  }

  private async subscribe(
    connection: Connection,
    uri: string,
  ): Promise<{
    readonly lost?: Promise<string>;
    close(): Promise<void>;
  }> {
    const client = await connection.open();
    const { timeout } = connection.settings;
    this.attach(client);
    if (client.getProtocolEra() === 'modern') {
      const stream = await client.listen(
        { resourceSubscriptions: [uri] },
        { timeout },
      );
      return { lost: stream.closed, close: () => stream.close() };
    }
    await client.subscribeResource({ uri }, { timeout });
    return {
      close: async () => {
        if (!this.listeners.has(uri)) {
          await client
            .unsubscribeResource({ uri }, { timeout })
            .catch(() => undefined);
        }
      },
    };
  }
}
