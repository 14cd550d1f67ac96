import { isJsonObject } from '../fetch/guarded-fetch.js';
import { AccessToken } from '../token/access-token.js';
import { affirms, type TokenClaims } from '../token/claims.js';
import {
  InvalidTokenError,
  VerifierUnavailableError,
} from '../token/token.errors.js';
import { AudienceRule } from './audience-rule.js';
import type { TokenVerifier, VerifyContext } from './token-verifier.js';

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

/**
 * Makes a token of what a verifier returned. Null for null, for an expired
 * token, for claims that do not stand by it (see {@link affirms}) or hold only
 * later, and for what is neither a token nor claims.
 *
 * @throws InvalidTokenError where a time among the claims is no time
 */
export function normalizeVerified(
  token: string,
  result: AccessToken | TokenClaims | null | undefined,
  { tokenType }: Pick<VerifyContext, 'tokenType'> = {},
): AccessToken | null {
  if (AccessToken.is(result)) {
    return result.isExpired() ? null : result;
  }
  if (!isJsonObject(result) || !affirms(result)) {
    return null;
  }
  checkNotBefore(result, 0);
  const verified = AccessToken.fromClaims(token, result, {
    tokenType: result.token_type === undefined ? tokenType : undefined,
  });
  return verified.isExpired() ? null : verified;
}

/**
 * Has a verifier judge a token, and normalises the answer. Plain claims from a
 * verifier that binds by claim are compared with `context.audience`; a verifier
 * that returns an `AccessToken` has compared them itself.
 *
 * @param onRefusal told what was thrown for a bad token, for logs and events
 * @returns the token, or null for a bad one, whatever was thrown
 * @throws VerifierUnavailableError and nothing else
 */
export async function verifyWith(
  verifier: TokenVerifier,
  token: string,
  context: VerifyContext = {},
  onRefusal?: (error: unknown) => void,
): Promise<AccessToken | null> {
  try {
    const result = await verifier.verify(token, context);
    const verified = normalizeVerified(token, result, context);
    if (
      verified &&
      verified !== result &&
      verifier.audienceBinding === 'claim'
    ) {
      const name = verifier.constructor.name;
      new AudienceRule(name, undefined).match(verified.claims, context);
    }
    return verified;
  } catch (error) {
    if (VerifierUnavailableError.is(error)) {
      throw error;
    }
    onRefusal?.(error);
    return null;
  }
}
