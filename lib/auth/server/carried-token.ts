import { type CallerCarrier, carriedCaller } from '../../platform/http-pair.js';
import { AccessToken } from '../token/access-token.js';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import type { ServerAuth } from './server-auth.js';

/** A request of any adapter, which may have its caller with it. */
export interface CarryingRequest extends RequestWithHeaders, CallerCarrier {}

/** Where each token was verified, as it counts nowhere else; a request can carry no other. */
const verified = new WeakMap<AccessToken, Set<ServerAuth>>();

/** Callers that the application made out itself, and that no guard has verified. */
const local = new WeakSet<AccessToken>();

/** Has guards of this place trust a token that was verified there. */
export function markVerified(token: AccessToken, auth: ServerAuth): void {
  const places = verified.get(token);
  if (places) {
    places.add(auth);
  } else {
    verified.set(token, new Set([auth]));
  }
}

/**
 * Has guards trust a caller for whom the application speaks. A token that one
 * of them has verified gains nothing by it: it counts where it was verified.
 */
export function vouchForLocal(token: AccessToken): void {
  if (!verified.has(token)) {
    local.add(token);
  }
}

/**
 * The caller that a tool's call has brought along to its route, as far as it
 * counts there: verified by the same options, or by others that accept the same
 * issuer and audience, or made out by the application itself. Undefined where
 * the credentials of the request must tell.
 *
 * @param auth of the place that asks
 */
export function verifiedTokenOf(
  request: CarryingRequest,
  auth: ServerAuth,
): AccessToken | undefined {
  const carried = carriedCaller(request);
  return AccessToken.is(carried) && counts(carried, auth) ? carried : undefined;
}

function counts(token: AccessToken, auth: ServerAuth): boolean {
  const places = verified.get(token);
  return (
    local.has(token) ||
    (!!places &&
      (places.has(auth) ||
        (auth.acceptsLike(token) &&
          [...places].some((place) => place.acceptsLike(token)))))
  );
}
