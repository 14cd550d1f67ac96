import type { OptionKeys } from '../options/option-keys.js';

/**
 * Sessions of clients before 2026-07-28: what they may take up. Later clients
 * have none.
 *
 * @publicApi
 */
export interface SessionOptions {
  /**
   * Milliseconds without a request, a running call or an open stream after
   * which a session ends. Its client is answered 404 then; where the event store
   * is shared, the session is taken up again within the same time.
   * @default 1800000 (30 minutes)
   */
  readonly idleTimeout?: number;
  /**
   * Sessions on this instance, of all callers. Beyond it, the one that has been
   * idle for longest ends, those of anonymous callers first; an anonymous caller
   * ends no other. Where none may end, the new one is answered 503.
   * @default 10000
   */
  readonly max?: number;
  /**
   * Sessions of one user, by client, issuer and subject; of one address, where
   * the caller is anonymous. Beyond it, the user's own that has been idle for
   * longest ends; where none is idle, the new one is answered 429. The address
   * is `request.ip`, so have the adapter trust its proxy, or all who come
   * through it share these sessions: `app.set('trust proxy', 1)` on Express,
   * `new FastifyAdapter({ trustProxy: '127.0.0.1' })`, with the address of the
   * proxy, on Fastify. The log warns of it.
   * @default 100
   */
  readonly maxPerUser?: number;
  /**
   * Requests of those clients without a session are answered 400, in place of
   * being served alone. @default false
   */
  readonly required?: boolean;
  /**
   * Milliseconds after which clients are told to reconnect when a stream ends
   * before its answer. @default 1000
   */
  readonly retryInterval?: number;
}

export const SESSION_KEYS: OptionKeys<SessionOptions> = {
  idleTimeout: true,
  max: true,
  maxPerUser: true,
  required: true,
  retryInterval: true,
};
