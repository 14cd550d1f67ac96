import { CLAIM_PATH_KEYS, type ClaimPaths } from '../../token/claims.js';
import type { AudienceOption } from '../audience-rule.js';
import type { JwtAlgorithm } from './algorithms.js';
import type { PublicKeyInput } from './public-key.js';
import type { OptionKeys } from '../../../options/option-keys.js';

/**
 * An issuer of JWTs, and how its tokens are told from others. Exactly one of
 * `secret`, `publicKey` and `jwksUri`, or none of them: then the keys are found
 * from the issuer's metadata.
 *
 * @publicApi
 */
export interface JwtIssuerOptions {
  /** Shared secret for HMAC, as text or bytes; as long as the hash, 32 bytes for HS256. */
  readonly secret?: string | Uint8Array;
  /** Public key as PEM or JWK. */
  readonly publicKey?: PublicKeyInput;
  /** URL of the issuer's JSON Web Key Set. */
  readonly jwksUri?: string;
  /**
   * `iss` of the tokens, letter for letter: one, or several for one and the
   * same set of keys. `false` skips the check. Needed with `jwksUri`, and for
   * discovery. @default not checked, with `secret` or `publicKey`
   */
  readonly issuer?: string | readonly string[] | false;
  /** What `aud` must name. @default the names of the server (`auth.resource`) */
  readonly audience?: AudienceOption;
  /** Claim compared with `audience`. @default `'aud'` */
  readonly audienceClaim?: string;
  /**
   * Signature algorithms to accept. @default HS256 with `secret`, else every
   * asymmetric one that fits the key
   */
  readonly algorithms?: readonly JwtAlgorithm[];
  /**
   * Header `typ` that tokens must have, such as `'at+jwt'` (RFC 9068).
   * @default none needed; `JWT` and `at+jwt` pass, others do not
   */
  readonly typ?: string | readonly string[];
  /** Claims that must have one of these values, or `true`: any. `exp` must always be there. @default none */
  readonly requiredClaims?: Readonly<
    Record<string, string | readonly string[] | true>
  >;
  /** Where scopes, subject, client and roles are. */
  readonly claims?: ClaimPaths;
  /** Keys found from metadata may be at private addresses other than the issuer's own. @default false */
  readonly allowPrivateHosts?: boolean;
}

/**
 * How keys are kept that were fetched.
 *
 * @publicApi
 */
export interface JwksCacheOptions {
  /** Seconds after which keys are fetched anew. @default 600 */
  readonly maxAge?: number;
  /** Seconds after a fetch during which an unknown `kid` causes no other. @default 30 */
  readonly cooldown?: number;
  /** Seconds beyond `maxAge` for which keys serve while the issuer cannot be reached. @default 3600 */
  readonly staleFor?: number;
  /** Milliseconds a fetch may take. @default 5000 */
  readonly timeout?: number;
}

/**
 * How tokens are kept that were found good, so that signature and claims need
 * not be checked again. Expiry, `nbf`, audience and scopes are looked at on
 * every request; refusals are never kept.
 *
 * @publicApi
 */
export interface JwtCacheOptions {
  /**
   * Seconds a token is kept, from 0, for none, to 60. For as long, beyond
   * `jwks.maxAge`, a key goes on working that its issuer took back. @default 60
   */
  readonly ttl?: number;
  /** Tokens kept; the oldest goes first. @default 10000 */
  readonly maxEntries?: number;
}

/**
 * Options of `JwtTokenVerifier`: one issuer, or a list of `issuers`.
 *
 * @publicApi
 */
export interface JwtVerifierOptions extends JwtIssuerOptions {
  /** Issuers with keys, audience and rules of their own, chosen by `iss`; each names its `issuer`. */
  readonly issuers?: readonly JwtIssuerOptions[];
  /** Seconds that clocks may differ, for `exp` and `nbf`. @default 0 */
  readonly clockTolerance?: number;
  readonly jwks?: JwksCacheOptions;
  /** Keeps tokens that were found good. @default for 60 seconds, 10000 of them */
  readonly cache?: JwtCacheOptions;
}

export const JWT_ISSUER_KEYS: OptionKeys<JwtIssuerOptions> = {
  secret: true,
  publicKey: true,
  jwksUri: true,
  issuer: true,
  audience: true,
  audienceClaim: true,
  algorithms: true,
  typ: true,
  requiredClaims: true,
  claims: CLAIM_PATH_KEYS,
  allowPrivateHosts: true,
};

export const JWKS_CACHE_KEYS: OptionKeys<JwksCacheOptions> = {
  maxAge: true,
  cooldown: true,
  staleFor: true,
  timeout: true,
};

const JWT_CACHE_KEYS: OptionKeys<JwtCacheOptions> = {
  ttl: true,
  maxEntries: true,
};

export const JWT_VERIFIER_KEYS: OptionKeys<JwtVerifierOptions> = {
  ...JWT_ISSUER_KEYS,
  issuers: [JWT_ISSUER_KEYS],
  clockTolerance: true,
  jwks: JWKS_CACHE_KEYS,
  cache: JWT_CACHE_KEYS,
};
