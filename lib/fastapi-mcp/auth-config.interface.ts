import {
  AUTH_KEYS,
  type McpAuthOptions,
} from '../auth/auth-options.interface.js';
import type { OptionKeys } from '../options/option-keys.js';

/**
 * Metadata of an authorization server (RFC 8414, section 2).
 *
 * @publicApi
 */
export interface OAuthMetadata {
  readonly issuer: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly registration_endpoint?: string;
  readonly revocation_endpoint?: string;
  readonly introspection_endpoint?: string;
  readonly jwks_uri?: string;
  readonly scopes_supported?: readonly string[];
  readonly response_types_supported: readonly string[];
  readonly response_modes_supported?: readonly string[];
  readonly grant_types_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly code_challenge_methods_supported?: readonly string[];
  readonly authorization_response_iss_parameter_supported?: boolean;
  readonly client_id_metadata_document_supported?: boolean;
  /** Other members go as they are. */
  readonly [member: string]: unknown;
}

/**
 * What `defineOAuthMetadata()` makes metadata of: members that are left out get
 * a default, members that are null are left out.
 *
 * @publicApi
 */
export type OAuthMetadataInput = {
  readonly [Member in keyof OAuthMetadata]?: OAuthMetadata[Member] | null;
} & { readonly issuer: string };

/**
 * What {@link fromAuthConfig} takes: an MCP server that is described as
 * FastAPI-MCP's `AuthConfig` describes one, with the other options of `auth`
 * beside.
 *
 * @publicApi
 */
export interface AuthConfig extends Omit<McpAuthOptions, 'tokenIssuer'> {
  /**
   * Metadata of an authorization server that clients can use as it is (RFC
   * 8414), for instance made by `defineOAuthMetadata()`. It is mirrored for
   * clients of the 2025-03-26 specification; others are sent to its `issuer`.
   * @default none
   */
  readonly customMetadata?: OAuthMetadata;
  /**
   * Puts an authorization server in front of the identity provider that
   * `issuer` or `metadataUrl`, `clientId` and `clientSecret` name: clients
   * register with this server, people log in at the provider, and calls carry
   * the provider's token. The secret stays here. @default false
   */
  readonly setupProxies?: boolean;
  /**
   * Who the provider of `setupProxies` sends its codes to. `'direct'`: the
   * client itself, whose redirect URI the provider has to know, as with
   * `mcp-remote` on a fixed port; clients get the provider's own tokens.
   * Nobody is asked for consent here: only for a provider that does so, takes
   * PKCE, and sends no `iss` (RFC 9207). @default this server
   */
  readonly callback?: 'direct';
  /** Where the provider's metadata is, with `setupProxies`: when not at a standard place for its `issuer`. */
  readonly metadataUrl?: string;
  /** The provider's page to log in, with `setupProxies`: in place of what its metadata says. */
  readonly authorizeUrl?: string;
  /** Scopes that every login through `setupProxies` asks the provider for. @default `['openid', 'profile', 'email']` */
  readonly defaultScopes?: readonly string[];
  /** Path of the metadata document. @default the standard ones */
  readonly metadataPath?: string;
  /**
   * `false` serves `customMetadata` beside an open server: where neither
   * `verifier`, `provider` nor `issuer` is given, nobody is asked for a token.
   * @default true
   */
  readonly enforce?: boolean;
}

const { tokenIssuer: _tokenIssuer, ...OTHER_KEYS } = AUTH_KEYS;

export const AUTH_CONFIG_KEYS: OptionKeys<AuthConfig> = {
  ...OTHER_KEYS,
  customMetadata: true,
  setupProxies: true,
  callback: true,
  metadataUrl: true,
  authorizeUrl: true,
  defaultScopes: true,
  metadataPath: true,
  enforce: true,
};
