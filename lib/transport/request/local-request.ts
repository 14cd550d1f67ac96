import type { IncomingMessage } from 'node:http';
import { withoutRequest } from '../../auth/context/request-context.js';
import { vouchForLocal } from '../../auth/server/carried-token.js';
import type { ServerAuth } from '../../auth/server/server-auth.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import { callerOf } from '../../invocation/route/caller.js';
import { createInnerRequest } from '../../invocation/route/inner-request.js';

/**
 * Runs code as this caller, whoever's request is being served:
 * `getAccessToken()` and `assertScopes()` know no other.
 */
export function asCaller<T>(
  auth: ServerAuth,
  token: AccessToken | null,
  serve: () => T,
): T {
  return withoutRequest(() => {
    auth.noteCaller(token);
    return serve();
  });
}

/**
 * The request in which guards and routes find a caller that has sent none: one
 * that the application itself speaks for. Its guards trust the token from then
 * on, unless it was verified by one of them: then it counts where it was.
 *
 * @param identity null for nobody in particular
 */
export async function localRequest(
  auth: ServerAuth,
  identity: AccessToken | null,
): Promise<IncomingMessage> {
  if (!identity) {
    return requestOf(null, undefined);
  }
  vouchForLocal(identity);
  const { resolveUser } = auth.settings;
  const request = requestOf(identity, undefined);
  const user = await resolveUser?.(identity, request);
  return user === undefined ? request : Object.assign(request, { user });
}

/**
 * A further request of a caller that {@link localRequest} has made one for.
 *
 * @param user that it came with
 */
export function requestOf(
  identity: AccessToken | null,
  user: unknown,
): IncomingMessage {
  const headers = {
    host: 'localhost',
    ...(identity &&
      identity.token !== '' && {
        authorization: `Bearer ${identity.token}`,
      }),
  };
  const request = createInnerRequest(
    { method: 'POST', url: '/', headers },
    callerOf(undefined),
  );
  return Object.assign(request, {
    ...(identity && { auth: identity }),
    ...(user !== undefined && { user }),
  });
}
