import type { OptionKeys } from '../../options/option-keys.js';

/**
 * The identity provider that logs people in, in which this server is one
 * confidential client with one redirect URI: `<issuer>/oauth/callback`.
 *
 * @publicApi
 */
export interface UpstreamOptions {
  /** An OpenID provider, found by discovery. Either this or `preset`. */
  readonly issuer?: string;
  /**
   * Where the metadata of an OpenID provider is, when not at a standard place
   * for its `issuer`. Alone, it names the issuer: one of its own origin.
   * @default the standard places
   */
  readonly metadataUrl?: string;
  /** Where browsers are sent to log in, in place of what the metadata says. */
  readonly authorizationEndpoint?: string;
  /** What `auth0()`, `entra()`, `keycloak()` and so on return, or `googleLogin()` and `githubLogin()`. */
  readonly preset?: UpstreamPreset | ProviderWithLogin;
  readonly clientId: string;
  /** It stays in this process. */
  readonly clientSecret: string;
  /** How the secret is sent. @default that of the preset, else basic if the provider takes it, else post */
  readonly authMethod?: UpstreamAuthMethod;
  /** Scopes to ask for. @default those of the preset, else `['openid']` */
  readonly scopes?: readonly string[];
  /** `audience` parameter for providers that want one, such as Auth0. @default none */
  readonly audience?: string;
  /** Name that people are shown. @default that of the preset, else the issuer's host */
  readonly name?: string;
  /** Milliseconds a request to the provider may take. @default 5000 */
  readonly timeout?: number;
  /** Allows endpoints of the provider at private addresses of other origins than its issuer's. @default false */
  readonly allowPrivateHosts?: boolean;
}

/**
 * How a client proves itself to the provider (RFC 6749, section 2.3.1).
 *
 * @publicApi
 */
export type UpstreamAuthMethod = 'client_secret_basic' | 'client_secret_post';

/**
 * What is known of an identity provider: an OpenID provider by its `issuer`, or
 * one of plain OAuth by its endpoints.
 *
 * @publicApi
 */
export interface UpstreamPreset {
  /** Name that people are shown. */
  readonly name: string;
  /** OpenID provider; undefined for one of plain OAuth. */
  readonly issuer?: string;
  readonly scopes: readonly string[];
  readonly authMethod?: UpstreamAuthMethod;
  /** Further parameters of authorization requests. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** A provider of plain OAuth, such as GitHub. */
  readonly oauth?: UpstreamOAuth;
}

/** Under which what `auth0()` and the like return has the login at the provider. */
export const UPSTREAM_PRESET: unique symbol = Symbol.for(
  'nestjs-mcp:upstream-preset',
);

/** An identity provider that a resource server takes tokens of, and that an authorization server logs people in at. */
export interface ProviderWithLogin {
  /** What the login there needs. */
  readonly [UPSTREAM_PRESET]: UpstreamPreset;
}

/**
 * Endpoints of a provider of plain OAuth.
 *
 * @publicApi
 */
export interface UpstreamOAuth {
  /** What `iss` of a callback has to be (RFC 9207). @default not looked at */
  readonly issuer?: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  /** Tells who a token belongs to. */
  readonly userEndpoint: string;
  /** Member of its answer that tells who it is, for ever: a string or a whole number. */
  readonly subject: string;
  /** Member of its answer with a name to show. @default none */
  readonly displayName?: string;
}

const OAUTH_KEYS: OptionKeys<UpstreamOAuth> = {
  issuer: true,
  authorizationEndpoint: true,
  tokenEndpoint: true,
  userEndpoint: true,
  subject: true,
  displayName: true,
};

const PRESET_KEYS: OptionKeys<UpstreamPreset> = {
  name: true,
  issuer: true,
  scopes: true,
  authMethod: true,
  parameters: true,
  oauth: OAUTH_KEYS,
};

export const UPSTREAM_KEYS: OptionKeys<UpstreamOptions> = {
  issuer: true,
  metadataUrl: true,
  authorizationEndpoint: true,
  preset: (given) =>
    typeof given === 'object' && given !== null && UPSTREAM_PRESET in given
      ? undefined
      : PRESET_KEYS,
  clientId: true,
  clientSecret: true,
  authMethod: true,
  scopes: true,
  audience: true,
  name: true,
  timeout: true,
  allowPrivateHosts: true,
};
