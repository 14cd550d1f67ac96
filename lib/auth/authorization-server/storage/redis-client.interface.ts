/**
 * What is used of a client of the package `redis`, so that one the application
 * has already can be given. It has to be connected.
 *
 * @publicApi
 */
export interface RedisClient {
  get(key: string): Promise<unknown>;
  set(
    key: string,
    value: string,
    options?: {
      readonly expiration: { readonly type: 'PX'; readonly value: number };
    },
  ): Promise<unknown>;
  /** GETDEL, for which Redis has to be 6.2 or newer. */
  getDel(key: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  eval(
    script: string,
    options: { readonly keys: string[]; readonly arguments: string[] },
  ): Promise<unknown>;
  /** Where it is false, nothing is sent: the client might wait for ever. */
  readonly isReady?: boolean;
}
