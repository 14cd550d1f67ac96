/** One entry of a Redis stream. @publicApi */
export interface RedisStreamEntry {
  readonly id: unknown;
  readonly message: Readonly<Record<string, unknown>>;
}

/**
 * What is used of a client of the package `redis`, so that one the application
 * has already can be given. It has to be connected.
 *
 * @publicApi
 */
export interface RedisStreamClient {
  get(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options: {
      readonly expiration: { readonly type: 'PX'; readonly value: number };
    },
  ): Promise<unknown>;
  del(keys: string[]): Promise<unknown>;
  xAdd(
    key: string,
    id: string,
    message: Record<string, string>,
    options: {
      readonly TRIM: {
        readonly strategy: 'MAXLEN';
        readonly strategyModifier: '=';
        readonly threshold: number;
      };
    },
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
  pExpire(key: string, milliseconds: number): Promise<unknown>;
  /** Where it is false, nothing is sent: the client might wait for ever. */
  readonly isReady?: boolean;
}
