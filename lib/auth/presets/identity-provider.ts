import {
  type ProviderWithLogin,
  UPSTREAM_PRESET,
  type UpstreamPreset,
} from '../issuer/upstream-options.interface.js';
import type { JwtVerifierOptions } from '../verifiers/jwt/jwt-options.interface.js';

/**
 * An identity provider, as `auth0()`, `cognito()`, `entra()`, `keycloak()` and
 * `okta()` know it: the `verifier` of a server that takes its access tokens, and
 * the `preset` of an authorization server that logs people in there.
 *
 * @publicApi
 */
export type IdentityProvider = JwtVerifierOptions & ProviderWithLogin;

/** What everybody who logs in is asked for. */
export const PERSON: readonly string[] = ['openid', 'profile', 'email'];

/** @param login what an authorization server needs that logs people in there */
export const identityProvider = (
  verifier: JwtVerifierOptions,
  login: UpstreamPreset,
): IdentityProvider => ({ ...verifier, [UPSTREAM_PRESET]: login });
