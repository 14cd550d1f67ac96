import type { TokenClaims } from '../claims.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';

/**
 * Refuses claims that hold only from a later time on (`nbf`, RFC 7519 section
 * 4.1.5), for sources other than JWTs.
 *
 * @param clockTolerance seconds
 * @throws InvalidTokenError `not_yet_valid`, or `claims` where `nbf` is no number
 */
export function checkNotBefore(
  claims: TokenClaims,
  clockTolerance: number,
): void {
  const { nbf: notBefore } = claims;
  if (notBefore === undefined) {
    return;
  }
  if (typeof notBefore !== 'number') {
    throw new InvalidTokenError('claims');
  }
  if (!(notBefore <= Date.now() / 1000 + clockTolerance)) {
    throw new InvalidTokenError('not_yet_valid');
  }
}
