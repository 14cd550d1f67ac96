import type { CanActivate, Type } from '@nestjs/common';
import type { JsonWebKey } from 'node:crypto';
import { ifObject, type OptionKeys } from '../../options/option-keys.js';
import type { AuthorizationPages } from './authorization.pages.js';
import {
  CLIENT_ID_METADATA_KEYS,
  type ClientIdMetadataOptions,
  REGISTRATION_KEYS,
  type RegistrationOptions,
  REVOCATION_KEYS,
  type RevocationOptions,
} from './endpoint-options.interface.js';
import type { LoginService } from './login.service.js';
import type { OAuthStore } from './oauth.store.js';
import {
  UPSTREAM_KEYS,
  type UpstreamOptions,
} from './upstream-options.interface.js';

/**
 * An OAuth authorization server inside the application: registration, login,
 * consent and tokens for its MCP servers.
 *
 * @publicApi
 */
export interface AuthorizationServerOptions {
  /**
   * Identifier of the server (RFC 8414): an https URL, with or without a path;
   * http on loopback alone. @default the origin of `auth.resource`; with several
   * servers in the application, each with the path of its MCP endpoint
   */
  readonly issuer?: string;
  /** Logs people in: a `LoginService`, or its class. Either this or `upstream`. @default the application's provider of `LoginService` */
  readonly login?: LoginService | Type<LoginService>;
  /** How often people may enter something wrong at `login`. */
  readonly loginLimits?: LoginLimitOptions;
  /** The identity provider that logs people in. Either this or `login`. */
  readonly upstream?: UpstreamOptions;
  /** The inner request of a tool call carries the upstream access token as its `Authorization`. @default false */
  readonly forwardUpstreamToken?: boolean;

  /**
   * Clients known by a document at their own URL, the way that MCP recommends.
   * `false` where this server cannot fetch any: clients told of it do not fall
   * back on registration. @default enabled
   */
  readonly clientIdMetadata?: ClientIdMetadataOptions | boolean;
  /** Dynamic client registration (RFC 7591). @default enabled */
  readonly registration?: RegistrationOptions;
  /** Token revocation (RFC 7009). @default enabled */
  readonly revocation?: RevocationOptions;
  /** Clients that are known beforehand. @default none */
  readonly clients?: readonly StaticClientOptions[];

  /**
   * What scopes let a client do, for the page that asks for consent, such as
   * `{ 'notes:write': 'Add and change notes' }`. @default the names alone
   */
  readonly scopeDescriptions?: Readonly<Record<string, string>>;

  /** Lifetimes of what is issued, in seconds. */
  readonly lifetimes?: LifetimeOptions;
  /** Keys that sign access tokens. @default a random one, outside production alone */
  readonly signingKeys?: readonly SigningKeyInput[];
  /** Where clients, grants and tokens are kept. @default a `MemoryOAuthStore`, with a warning */
  readonly store?: OAuthStore | Type<OAuthStore>;

  /** The pages people see. @default `DefaultAuthorizationPages` */
  readonly pages?: AuthorizationPages | Type<AuthorizationPages>;
  /** Guards taken from the application that run on every endpoint, such as `ThrottlerGuard`. @default none */
  readonly guards?: readonly Type<CanActivate>[];
  /** A further path for the metadata document. @default none beside the standard ones */
  readonly metadataPath?: string;
}

/**
 * Options of `McpAuthorizationServerModule`: of a server that stands alone.
 *
 * @publicApi
 */
export interface AuthorizationServerModuleOptions extends AuthorizationServerOptions {
  /** URLs that tokens are issued for (RFC 8707). */
  readonly resources: readonly string[];
  /** Name that people are shown. @default the host of the first resource */
  readonly name?: string;
  /**
   * Secrets of 32 characters or more, for cookies and for what is encrypted at
   * rest. The first is used; the others are still accepted, so that one can be
   * replaced by adding. The same on every instance of the application.
   * @default a random one, outside production alone
   */
  readonly secrets?: readonly string[];
}

/**
 * A client that is known beforehand (RFC 7591, section 2).
 *
 * @publicApi
 */
export interface StaticClientOptions {
  readonly clientId: string;
  /** At least 16 characters, random. @default none: a public client */
  readonly clientSecret?: string;
  /** Name that people are shown. @default the id */
  readonly clientName?: string;
  /** Compared letter for letter; the port of loopback is free (RFC 8252, section 7.3). @default none */
  readonly redirectUris?: readonly string[];
  /**
   * Scopes that it may ask for. Others are left out of what it asks for; a
   * request for nothing but scopes of other clients is refused as
   * `invalid_scope`. @default those of registered clients
   */
  readonly scopes?: readonly string[];
  /** @default `['authorization_code', 'refresh_token']` */
  readonly grantTypes?: readonly (
    'authorization_code' | 'refresh_token' | 'client_credentials'
  )[];
  /** How it identifies itself. @default `'client_secret_basic'`, or `'none'` without a secret */
  readonly authMethod?: 'none' | 'client_secret_basic' | 'client_secret_post';
}

/**
 * Lifetimes, in seconds.
 *
 * @publicApi
 */
export interface LifetimeOptions {
  /** Seconds. @default 600 */
  readonly accessToken?: number;
  /** Seconds, counted anew whenever it is used. @default 2592000, thirty days */
  readonly refreshToken?: number;
  /**
   * Seconds for which a refresh token that was used gets the same answer again: for
   * clients that refresh twice at once, or lost the answer. Later its use is
   * taken for theft, and ends the grant. At most 300; 0 repeats no answer. @default 30
   */
  readonly refreshTokenReuse?: number;
  /** Seconds. @default 60 */
  readonly code?: number;
  /** Seconds from opening the login page to its end. @default 600 */
  readonly interaction?: number;
  /** Seconds for which a browser stays logged in. @default 28800, eight hours */
  readonly session?: number;
  /** Seconds for which a consent is remembered; 0 asks every time. @default 7776000, ninety days */
  readonly consent?: number;
  /** Seconds for which a registered client is kept that nobody has logged in with. @default 86400, a day */
  readonly unusedClient?: number;
  /** Seconds for which a client is kept after its last login. @default 31536000, a year */
  readonly usedClient?: number;
}

/**
 * A private key: a JWK with `kid` and `alg`, or PKCS #8 in PEM.
 *
 * @publicApi
 */
export type SigningKeyInput = JsonWebKey | string;

const CLIENT_KEYS: OptionKeys<StaticClientOptions> = {
  clientId: true,
  clientSecret: true,
  clientName: true,
  redirectUris: true,
  scopes: true,
  grantTypes: true,
  authMethod: true,
};

/**
 * How often people may enter something wrong. Nobody is locked out: beyond a
 * limit, attempts have to wait, the longer the more there were. Failures are
 * counted in `store`, for all instances together. The address of a caller is
 * `request.ip`, so have the adapter trust its proxy.
 *
 * @publicApi
 */
export interface LoginLimitOptions {
  /**
   * Failures after which a login page ends, and the person has to begin again at
   * the client. After as many on one account from one address, attempts from
   * there wait, up to five minutes. @default 10
   */
  readonly maxFailures?: number;
  /**
   * Failures on one account from all addresses together, after which attempts
   * wait, up to 30 seconds, except those from addresses that the account was logged in to
   * from before, so that strangers cannot keep a person out. @default 50
   */
  readonly maxFailuresPerAccount?: number;
  /** Failures of one address on all accounts together, after which attempts wait, up to 30 seconds. @default 100 */
  readonly maxFailuresPerAddress?: number;
  /** Seconds for which failures count. @default 3600, an hour */
  readonly window?: number;
}

const LOGIN_LIMIT_KEYS: OptionKeys<LoginLimitOptions> = {
  maxFailures: true,
  maxFailuresPerAccount: true,
  maxFailuresPerAddress: true,
  window: true,
};

const LIFETIME_KEYS: OptionKeys<LifetimeOptions> = {
  accessToken: true,
  refreshToken: true,
  refreshTokenReuse: true,
  code: true,
  interaction: true,
  session: true,
  consent: true,
  unusedClient: true,
  usedClient: true,
};

export const AUTHORIZATION_SERVER_KEYS: OptionKeys<AuthorizationServerOptions> =
  {
    issuer: true,
    login: true,
    loginLimits: LOGIN_LIMIT_KEYS,
    upstream: UPSTREAM_KEYS,
    forwardUpstreamToken: true,
    clientIdMetadata: ifObject(CLIENT_ID_METADATA_KEYS),
    registration: REGISTRATION_KEYS,
    revocation: REVOCATION_KEYS,
    clients: [CLIENT_KEYS],
    scopeDescriptions: true,
    lifetimes: LIFETIME_KEYS,
    signingKeys: true,
    store: true,
    pages: true,
    guards: true,
    metadataPath: true,
  };

export const AUTHORIZATION_SERVER_MODULE_KEYS: OptionKeys<AuthorizationServerModuleOptions> =
  { ...AUTHORIZATION_SERVER_KEYS, resources: true, name: true, secrets: true };

/** What an authorization server stands in front of: an MCP server, or other resources. */
export interface ServedResources {
  /** Name of the MCP server, for people. */
  readonly name: string;
  /** URLs for which tokens are issued (RFC 8707). */
  readonly resources: readonly string[];
  /** Path of the MCP endpoint: that of the issuer, where there are several servers. */
  readonly endpointPath: () => string;
  /** Scopes that the operations ask for; known once they are found. */
  readonly scopes: () => readonly string[];
}
