/**
 * What is used of a client of the package `redis`, so that one the application
 * has already can be given. It has to be connected.
 *
 * @publicApi
 */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
  /** Another of the same settings, not connected: a client that subscribes can do nothing else. */
  duplicate(): RedisSubscriber;
  /** Where it is false, nothing is sent: the client would keep it for later. */
  readonly isReady?: boolean;
}

/** What is used of the client that subscribes. @publicApi */
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
