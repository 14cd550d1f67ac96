import { ENDPOINTS } from '../../endpoints/server-routes.js';
import type { AuthorizationServerSettings } from '../../options/authorization-server.settings.js';
import { withoutNulls } from '../define-oauth-metadata.js';
import type { OAuthMetadata } from '../oauth-metadata.interface.js';
import type { IssuerMetadata } from '../../../verifiers/discovery/discover-issuer.js';
import { listOf } from './check-direct-provider.js';

/** Members with a text that hold for the provider's tokens and people, whoever hands the tokens out. */
const TEXTS = [
  'jwks_uri',
  'userinfo_endpoint',
  'service_documentation',
  'op_policy_uri',
  'op_tos_uri',
];

/**
 * Metadata of this server (RFC 8414, section 2), with what still holds of the
 * provider's. Of endpoints that ask for the client's secret nothing does, nor of
 * OpenID Connect, as clients get no ID token.
 */
export function directMetadata(
  issuer: string,
  { registration }: AuthorizationServerSettings,
  defaultScopes: readonly string[],
  provider: IssuerMetadata,
): OAuthMetadata {
  const base = issuer.replace(/\/$/, '');
  const grants = listOf(provider, 'grant_types_supported');
  const texts = TEXTS.map((member) => [member, provider[member]] as const);
  return withoutNulls({
    issuer,
    authorization_endpoint: `${base}${ENDPOINTS.authorize}`,
    token_endpoint: `${base}${ENDPOINTS.token}`,
    registration_endpoint: `${base}${registration.endpoint}`,
    scopes_supported:
      nonEmpty(listOf(provider, 'scopes_supported')) ?? nonEmpty(defaultScopes),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      ...(grants && !grants.includes('refresh_token') ? [] : ['refresh_token']),
    ],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    ui_locales_supported: nonEmpty(listOf(provider, 'ui_locales_supported')),
    ...Object.fromEntries(
      texts.filter(([, value]) => typeof value === 'string'),
    ),
  });
}

function nonEmpty(
  list: readonly string[] | undefined,
): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
