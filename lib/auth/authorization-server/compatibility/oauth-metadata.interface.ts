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
