import type { AccessToken } from '../token/access-token.js';
import type { TokenClaims } from '../token/claims.js';

/**
 * How a verifier knows that a token was issued for this server (MCP
 * Authorization, "Token Handling"; RFC 8707):
 *
 * - `'claim'`: it is compared with a claim of the token, `aud` as a rule.
 * - `'construction'`: whatever it accepts was made for this server.
 * - `'waived'`: it does not know, and `audience: false` says so.
 * - `'none'`: it does not know. The application does not start.
 *
 * @publicApi
 */
export type AudienceBinding = 'claim' | 'construction' | 'waived' | 'none';

/**
 * What a verifier is told about the request, beside the token.
 *
 * @publicApi
 */
export interface VerifyContext {
  /** Names of this server, for verifiers that have no `audience` of their own. */
  readonly audience?: readonly string[];
  /** How the token was sent, in lower case: `'bearer'`, `'api_key'`. */
  readonly tokenType?: string;
}

/**
 * Tokens of one issuer that a verifier accepts.
 *
 * @publicApi
 */
export interface AcceptedTokens {
  readonly issuer: string;
  /** Of which the tokens must name one. @default the names of the server */
  readonly audience?: readonly string[];
}

/**
 * Turns a token into the identity behind it. The contract, and the injection
 * token, of every verifier.
 *
 * ```ts
 * class SessionVerifier extends TokenVerifier {
 *   override readonly audienceBinding = 'construction';
 *   async verify(token: string) {
 *     const session = await this.sessions.find(token);
 *     return session && { sub: session.userId, scope: 'notes:read' };
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export abstract class TokenVerifier {
  /**
   * How tokens are bound to this server. Plain claims from a verifier that
   * says `'claim'` are compared by the library: their `aud` must name it.
   *
   * @default `'none'`, which stops the application
   */
  readonly audienceBinding: AudienceBinding = 'none';

  /** Scopes without which the guard answers 403 to any token of this verifier. @default none */
  readonly requiredScopes: readonly string[] = [];

  /**
   * Issuers of the tokens it accepts: where clients are sent, unless
   * `auth.authorizationServers` says otherwise. Read once it is prepared.
   * @default none
   */
  readonly issuers: readonly string[] = [];

  /**
   * What it accepts, as far as it knows: no two MCP servers of an application
   * may accept the same. Read once it is prepared.
   *
   * @default tokens of `issuers`, where they are bound by a claim
   */
  get accepts(): readonly AcceptedTokens[] {
    return this.audienceBinding === 'claim'
      ? this.issuers.map((issuer) => ({ issuer }))
      : [];
  }

  /**
   * Judges a token.
   *
   * @returns the token, or claims that are turned into one, or null for a bad one
   * @throws VerifierUnavailableError where the issuer cannot be reached (503);
   *   anything else that is thrown means a bad token (401)
   */
  abstract verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | TokenClaims | null>;

  /**
   * Called once at start-up.
   *
   * @throws Error where the verifier cannot work as it is configured
   */
  prepare(): Promise<void> {
    return Promise.resolve();
  }
}

/** By its shape, as it may come from the other module format. */
export function isVerifier(given: unknown): given is TokenVerifier {
  return typeof given === 'object' && given !== null && 'verify' in given;
}
