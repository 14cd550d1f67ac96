import type { AccessToken } from '../access-token.js';
import { currentHeaders } from './request-context.js';

/**
 * Who a token speaks for: client, issuer and subject, so that a refreshed token
 * is the same caller. One that names neither client nor subject may be
 * anybody's, and stands for itself alone.
 */
export function identityOf(token: AccessToken): readonly unknown[] {
  const { clientId, issuer, subject, tokenType } = token;
  return clientId === undefined && subject === undefined
    ? ['token', tokenType, issuer ?? null, token.token]
    : ['user', clientId ?? null, issuer ?? null, subject ?? null];
}

/**
 * Who sends the current request, for whatever belongs to one caller: a session,
 * the state of a call, a share of a limit. It can be made JSON of, and holds
 * secrets: keep a digest of it. A caller whom the application's own guards
 * verified is known by its `Authorization` and `X-Api-Key` headers alone, so
 * that a new one is a new caller.
 *
 * @param token of the request; null where no guard of ours verified one
 */
export function callerIdentity(token: AccessToken | null): readonly unknown[] {
  if (token) {
    return identityOf(token);
  }
  const { authorization = null, 'x-api-key': key = null } = currentHeaders();
  return ['header', authorization, key];
}
