import type { McpAuthOptions } from '../auth/auth-options.interface.js';
import type { AuthorizationServerSettings } from '../authorization-server/authorization-server-settings.interface.js';
import type { OAuthMetadata } from './auth-config.interface.js';

/** The provider and this server's client there, as `setupProxies` needs them. */
export interface ProxiedProvider {
  readonly issuer: string | undefined;
  readonly metadataUrl: string | undefined;
  readonly authorizationEndpoint: string | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** The parameter of authorization requests. */
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
}

/** What the endpoints in front of a provider are made of. */
export interface DirectOptions {
  readonly provider: ProxiedProvider;
  readonly server: AuthorizationServerSettings;
}

/** A document, and where it is served. */
export interface MirrorOptions {
  readonly document: OAuthMetadata;
  /** @default the standard places for the resource */
  readonly path: string | undefined;
  /** Whether something has to verify tokens. */
  readonly enforce: boolean;
}

/** What is served for an `AuthConfig`. */
export interface AuthConfigSettings {
  readonly mirror?: MirrorOptions;
  readonly direct?: DirectOptions;
}

/** Options of `auth`, and what is served besides. */
export interface Translated {
  readonly options: McpAuthOptions;
  readonly served?: AuthConfigSettings;
}
