import type { Server } from '@modelcontextprotocol/server';
import type { AccessToken } from '../auth/token/access-token.js';
import type { ServerAuth } from '../auth/server/server-auth.js';
import { runRequest } from '../transport/request/endpoint-request.js';
import { holdToken } from '../transport/request/session-caller.js';
import { localRequest, requestOf } from '../transport/request/local-request.js';
import { asCaller } from '../transport/request/local-request.js';

/** Who calls over stdio: whoever the application says, or nobody in particular. */
export class StdioIdentity {
  private constructor(
    private readonly auth: ServerAuth,
    private readonly identity: AccessToken | undefined,
    private readonly user: unknown,
  ) {}

  /**
   * @param auth of the server that is called
   * @throws Error where only guards of the endpoint know the callers, which
   * have no request to look at here
   */
  static async of(
    auth: ServerAuth,
    identity: AccessToken | undefined,
  ): Promise<StdioIdentity> {
    if (!identity && auth.enabled && !auth.verifiesTokens) {
      throw new Error(
        'auth.verifier is false, so that guards of the endpoint decide on ' +
          'callers, and over stdio there is no request for them to look ' +
          'at. Say who the caller is: identity: new AccessToken({ … }).',
      );
    }
    const { user } = (await localRequest(auth, identity ?? null)) as {
      user?: unknown;
    };
    return new StdioIdentity(auth, identity, user);
  }

  /** Has the server take every message for one of this caller. */
  bind(server: Server): Server {
    holdToken(server, { token: this.identity ?? null });
    const connect = server.connect.bind(server);
    server.connect = async (transport) => {
      await this.run(() => connect(transport));
      const receive = transport.onmessage;
      transport.onmessage = (message, extra) =>
        this.run(() => receive?.(message, extra));
    };
    return server;
  }

  /** Each time with a request of its own, as applications keep things in it. */
  private run<T>(serve: () => T): T {
    const { auth, identity, user } = this;
    const token = identity && !identity.isExpired() ? identity : null;
    const request = requestOf(auth, token, token ? user : undefined);
    return asCaller(auth, token, () =>
      runRequest({ request, response: undefined }, serve),
    );
  }
}
