import { readClaim, type TokenClaims } from '../token/claims.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { isJsonObject } from '../fetch/guarded-fetch.js';

/** Claims that only ID tokens have (OpenID Connect Core sections 2 and 3.3.2.11). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/** Member of `events` in a logout token (OpenID Connect Back-Channel Logout section 2.4). */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout';

/** What `token_use` says of an access token (Cognito, Ory Hydra). */
const ACCESS_USES = ['access', 'access_token'];

/** What Keycloak writes into the claim `typ` of tokens other than access tokens. */
const FOREIGN_TYPES = ['id', 'refresh', 'offline', 'logout'];

/** What introspection may call a token that is no access token (RFC 7009 section 2.1). */
const FOREIGN_TOKEN_TYPES = ['refresh_token', 'id_token'];

/**
 * Refuses ID, logout and refresh tokens by their claims: they are signed by the
 * same keys, for the same people, but not for calling anything (RFC 8725
 * section 3.12).
 *
 * @throws InvalidTokenError `kind`
 */
export function checkAccessTokenClaims(claims: TokenClaims): void {
  const use = lowerCase(claims, 'token_use');
  if (
    ID_TOKEN_CLAIMS.some((name) => readClaim(claims, name) !== undefined) ||
    isLogout(claims.events) ||
    (use !== undefined && !ACCESS_USES.includes(use)) ||
    FOREIGN_TYPES.includes(lowerCase(claims, 'typ') ?? '') ||
    FOREIGN_TOKEN_TYPES.includes(lowerCase(claims, 'token_type') ?? '')
  ) {
    throw new InvalidTokenError('kind');
  }
}

/**
 * Refuses JWTs by the header `typ` (RFC 8725 section 3.11). Compared without
 * case and without `application/` (RFC 7515 section 4.1.9).
 *
 * @param allowed types of which the token must name one; left out, a token
 *   without type passes, and one that says `JWT` or `at+jwt` (RFC 9068)
 * @throws InvalidTokenError `kind`
 */
export function checkTypeHeader(
  typ: unknown,
  allowed: readonly string[] | undefined,
): void {
  if (typ === undefined && !allowed) {
    return;
  }
  const types = (allowed ?? ['JWT', 'at+jwt']).map(normalizeType);
  if (typeof typ !== 'string' || !types.includes(normalizeType(typ))) {
    throw new InvalidTokenError('kind');
  }
}

function isLogout(events: unknown): boolean {
  return isJsonObject(events) && LOGOUT_EVENT in events;
}

function normalizeType(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '');
}

function lowerCase(claims: TokenClaims, name: string): string | undefined {
  const value = readClaim(claims, name);
  if (value === undefined || typeof value === 'string') {
    return value?.toLowerCase();
  }
  // No word we know, and must not read as "absent".
  throw new InvalidTokenError('kind');
}
