import type { IncomingMessage } from 'node:http';
import type { AccessToken } from '../auth/access-token.js';
import { vouchForLocal } from '../auth/guards/carried-token.js';
import type { ServerAuth } from '../auth/guards/server-auth.js';
import { callerOf } from '../invocation/request/caller.js';
import { createInnerRequest } from '../invocation/request/inner-request.js';

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
    return requestOf(auth, null, undefined);
  }
  vouchForLocal(identity);
  const { resolveUser } = auth.settings;
  const request = requestOf(auth, identity, undefined);
  const user = await resolveUser?.(identity, request);
  return user === undefined ? request : Object.assign(request, { user });
}

/**
 * A further request of a caller that {@link localRequest} has made one for.
 *
 * @param user that it came with
 */
export function requestOf(
  { scheme }: ServerAuth,
  identity: AccessToken | null,
  user: unknown,
): IncomingMessage {
  const headers = {
    host: 'localhost',
    ...(identity &&
      identity.token !== '' && {
        authorization: `${scheme} ${identity.token}`,
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
