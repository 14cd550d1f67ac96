import { AccessToken } from '../access-token.js';
import type { RequestWithHeaders } from './auth.provider.js';

/** Where a request of either adapter has its caller. */
export interface CarryingRequest extends RequestWithHeaders {
  readonly raw?: { auth?: unknown; user?: unknown };
  auth?: unknown;
}

/** Tokens that a guard of this application has verified: a request can carry no other. */
const verified = new WeakSet<AccessToken>();

/** Has guards trust a token that was verified here, or made out to a local caller. */
export function vouchFor(token: AccessToken): void {
  verified.add(token);
}

/** The caller that a tool's call has brought along to its route; undefined where nobody was verified. */
export function carriedToken(
  request: CarryingRequest,
): AccessToken | undefined {
  const carried = request.auth ?? request.raw?.auth;
  return AccessToken.is(carried) && verified.has(carried) ? carried : undefined;
}
