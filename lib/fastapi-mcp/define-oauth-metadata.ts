import { checkOAuthMetadata } from './check-oauth-metadata.js';
import type {
  OAuthMetadata,
  OAuthMetadataInput,
} from './auth-config.interface.js';

/** What a server is taken for that says nothing else. */
const DEFAULTS = {
  scopes_supported: ['openid', 'profile', 'email'],
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['none'],
  code_challenge_methods_supported: ['S256'],
} as const;

/**
 * Metadata of an authorization server for `customMetadata`, with the defaults
 * of FastAPI-MCP's `OAuthMetadata` but for the grant types: there it is
 * `client_credentials` beside `authorization_code`, which a client without a
 * secret, the only kind that the defaults have, must not use (RFC 6749, section
 * 4.4); here it is `refresh_token`.
 *
 * ```ts
 * customMetadata: defineOAuthMetadata({
 *   issuer: 'https://login.example.com',
 *   authorization_endpoint: 'https://login.example.com/authorize',
 *   token_endpoint: 'https://login.example.com/token',
 * }),
 * ```
 *
 * @throws Error naming the member, its value and the remedy
 * @publicApi
 */
export function defineOAuthMetadata(
  members: OAuthMetadataInput,
): OAuthMetadata {
  const given = Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  );
  const metadata = withoutNulls({ ...DEFAULTS, ...given });
  checkOAuthMetadata('defineOAuthMetadata', metadata);
  return metadata;
}

/** A document says nothing by null. */
export function withoutNulls(members: object): OAuthMetadata {
  return Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && value !== null,
    ),
  ) as unknown as OAuthMetadata;
}
