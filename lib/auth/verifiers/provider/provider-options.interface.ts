import { CLAIM_PATH_KEYS, type ClaimPaths } from '../../token/claims.js';
import type { AudienceOption } from '../audience-rule.js';
import { CLAIMS_CACHE_KEYS, type ClaimsCacheOptions } from '../claims-cache.js';
import type { ClientAuthMethod } from '../client-authentication.js';
import type { JwtAlgorithm } from '../jwt/algorithms.js';
import {
  JWKS_CACHE_KEYS,
  type JwksCacheOptions,
} from '../jwt/jwt-options.interface.js';
import { checkOptions, type OptionKeys } from '../../../options/option-keys.js';

/**
 * What is known of an OAuth provider. Tokens are checked by its keys where
 * `jwksUri` is given, else by introspection; what is not given is looked for in
 * the provider's metadata, found by `issuer` or by the token endpoint.
 *
 * @publicApi
 */
export interface ProviderVerifierOptions {
  /** This server, as a client of the provider; for introspection. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** `issuer` of the provider's metadata, letter for letter. */
  readonly issuer?: string;
  /** The provider's token endpoint. Never called: metadata that names it is the provider's. */
  readonly tokenEndpoint?: string;
  /** Another name for `tokenEndpoint`. */
  readonly tokenUrl?: string;
  /** Used as `tokenEndpoint` is, where that is not given. */
  readonly authorizationEndpoint?: string;
  /** URL of the provider's JSON Web Key Set. */
  readonly jwksUri?: string;
  /** URL of the provider's introspection endpoint. */
  readonly introspectionEndpoint?: string;
  /** Scopes without which the guard answers 403. @default none */
  readonly scopes?: readonly string[];
  /** Another name for `scopes`. */
  readonly scope?: readonly string[];
  /** What `aud` must name. @default the names of the server (`auth.resource`) */
  readonly audience?: AudienceOption;
  /** Signature algorithms to accept. @default every asymmetric one */
  readonly algorithms?: readonly JwtAlgorithm[];
  /** @default `'client_secret_basic'`, unless the metadata has `client_secret_post` alone */
  readonly authMethod?: ClientAuthMethod;
  /**
   * Keeps answers of introspection; tokens checked by keys are kept as
   * `JwtTokenVerifier` keeps them. @default none are kept
   */
  readonly cache?: ClaimsCacheOptions;
  /** Seconds that clocks may differ. @default 0 */
  readonly clockTolerance?: number;
  /** Where scopes, subject, client and roles are. */
  readonly claims?: ClaimPaths;
  readonly jwks?: JwksCacheOptions;
  /** Milliseconds a request to the provider may take. @default 5000 */
  readonly timeout?: number;
  /** URLs in the metadata may be at private addresses other than the issuer's own. @default false */
  readonly allowPrivateHosts?: boolean;
}

const PROVIDER_VERIFIER_KEYS: OptionKeys<ProviderVerifierOptions> = {
  clientId: true,
  clientSecret: true,
  issuer: true,
  tokenEndpoint: true,
  tokenUrl: true,
  authorizationEndpoint: true,
  jwksUri: true,
  introspectionEndpoint: true,
  scopes: true,
  scope: true,
  audience: true,
  algorithms: true,
  authMethod: true,
  cache: CLAIMS_CACHE_KEYS,
  clockTolerance: true,
  claims: CLAIM_PATH_KEYS,
  jwks: JWKS_CACHE_KEYS,
  timeout: true,
  allowPrivateHosts: true,
};

/** The options under one name each. */
export type ProviderSettings = Omit<
  ProviderVerifierOptions,
  'tokenUrl' | 'scope'
>;

/** @throws Error for an option that does not exist, and where two names of one have different values */
export function providerSettings(
  given: ProviderVerifierOptions,
): ProviderSettings {
  checkOptions('new ProviderTokenVerifier(…)', given, PROVIDER_VERIFIER_KEYS);
  const { tokenUrl, scope, ...options } = given;
  const { tokenEndpoint, scopes } = options;
  return {
    ...options,
    tokenEndpoint: either('tokenEndpoint', tokenEndpoint, 'tokenUrl', tokenUrl),
    scopes: either('scopes', scopes, 'scope', scope),
  };
}

function either<T>(
  name: string,
  value: T | undefined,
  alias: string,
  other: T | undefined,
): T | undefined {
  if (
    value !== undefined &&
    other !== undefined &&
    JSON.stringify(value) !== JSON.stringify(other)
  ) {
    throw new Error(
      `ProviderTokenVerifier: ${name} and ${alias} are two names of one ` +
        'option, and differ. Keep one.',
    );
  }
  return value ?? other;
}
