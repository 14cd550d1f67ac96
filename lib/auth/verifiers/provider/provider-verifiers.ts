import type { IssuerMetadata } from '../discovery/discover-issuer.js';
import { IssuerDiscoveryError } from '../discovery/discover-issuer.js';
import type { ClientAuthMethod } from '../client-authentication.js';
import {
  IntrospectionTokenVerifier,
  type IntrospectionVerifierOptions,
} from '../introspection-token.verifier.js';
import { JwtTokenVerifier } from '../jwt/jwt-token.verifier.js';
import type { UrlTrust } from '../../fetch/url-trust.js';
import type { TokenVerifier } from '../token-verifier.js';
import type { ProviderSettings } from './provider-options.interface.js';

/**
 * The verifier that the settings name; undefined where metadata must tell.
 *
 * @throws Error where the settings are not enough, even with metadata
 */
export function configuredVerifier(
  settings: ProviderSettings,
): TokenVerifier | undefined {
  const { jwksUri, issuer, introspectionEndpoint } = settings;
  if (jwksUri !== undefined && issuer !== undefined) {
    return byKeys(settings, issuer, jwksUri);
  }
  if (jwksUri === undefined && introspectionEndpoint !== undefined) {
    return byIntrospection(settings, introspectionEndpoint);
  }
  if (
    (issuer ?? settings.tokenEndpoint ?? settings.authorizationEndpoint) ===
    undefined
  ) {
    throw new Error(
      jwksUri === undefined
        ? 'ProviderTokenVerifier: nothing tells how to check a token. Give ' +
            'jwksUri and issuer, or introspectionEndpoint with clientId and ' +
            'clientSecret, or issuer or tokenEndpoint to find them by.'
        : 'ProviderTokenVerifier: jwksUri is given without issuer. Set issuer ' +
            'to the `iss` of your tokens.',
    );
  }
  return undefined;
}

/**
 * The verifier that the settings and the provider's metadata name together.
 *
 * @throws IssuerDiscoveryError where they name none
 */
export function discoveredVerifier(
  settings: ProviderSettings,
  metadata: IssuerMetadata,
): TokenVerifier {
  const { clientId, clientSecret, jwksUri } = settings;
  const { issuer, introspection_endpoint: endpoint, jwks_uri } = metadata;
  if (jwksUri !== undefined) {
    return byKeys(settings, issuer, jwksUri);
  }
  if (typeof endpoint === 'string' && clientId && clientSecret) {
    return byIntrospection(
      { ...settings, authMethod: settings.authMethod ?? methodOf(metadata) },
      endpoint,
      {
        source: 'issuer',
        issuer,
        allowPrivateHosts: settings.allowPrivateHosts,
      },
    );
  }
  if (typeof jwks_uri === 'string') {
    // Found once more by the JWT verifier, which keeps it up to date.
    return byKeys(settings, issuer, undefined);
  }
  throw new IssuerDiscoveryError(
    `The metadata of issuer "${issuer}" has neither jwks_uri nor an ` +
      'introspection_endpoint that clientId and clientSecret are given for.',
  );
}

function byKeys(
  settings: ProviderSettings,
  issuer: string,
  jwksUri: string | undefined,
): JwtTokenVerifier {
  const { audience, algorithms, clockTolerance, claims, jwks, timeout } =
    settings;
  return new JwtTokenVerifier({
    issuer,
    jwksUri,
    audience,
    algorithms,
    clockTolerance,
    claims,
    jwks: { timeout, ...jwks },
    allowPrivateHosts: settings.allowPrivateHosts,
  });
}

function byIntrospection(
  settings: ProviderSettings,
  introspectionEndpoint: string,
  trust?: UrlTrust,
): IntrospectionTokenVerifier {
  const { clientId = '', clientSecret = '', authMethod } = settings;
  const { audience, cache, clockTolerance, claims, timeout } = settings;
  const options: IntrospectionVerifierOptions = {
    introspectionEndpoint,
    clientId,
    clientSecret,
    authMethod,
    audience,
    cache,
    clockTolerance,
    claims,
    timeout,
  };
  return new IntrospectionTokenVerifier(options, trust);
}

/** RFC 8414 section 2; basic where the metadata says nothing. */
function methodOf(metadata: IssuerMetadata): ClientAuthMethod {
  const methods = metadata.introspection_endpoint_auth_methods_supported;
  return Array.isArray(methods) &&
    !methods.includes('client_secret_basic') &&
    methods.includes('client_secret_post')
    ? 'client_secret_post'
    : 'client_secret_basic';
}
