/**
 * An OAuth authorization server for MCP: registration, login and consent.
 * Needs the package `oidc-provider`, and `openid-client` for login at an
 * identity provider.
 *
 * @module nestjs-mcp/authorization-server
 */
export { McpAuthorizationServerModule } from './mcp-authorization-server.module.js';
export type {
  AuthorizationServerModuleOptions,
  AuthorizationServerOptions,
  LifetimeOptions,
  SigningKeyInput,
  StaticClientOptions,
} from './options/authorization-server-options.interface.js';
export type {
  ClientIdMetadataOptions,
  RegistrationOptions,
  RevocationOptions,
} from './options/endpoint-options.interface.js';
export { LocalTokenVerifier } from './local-token.verifier.js';

// Options of FastAPI-MCP
export type { CompatibilityOptions } from './compatibility/compatibility-options.interface.js';
export { defineOAuthMetadata } from './compatibility/define-oauth-metadata.js';
export type {
  OAuthMetadata,
  OAuthMetadataInput,
} from './compatibility/oauth-metadata.interface.js';

// Login
export type { LoginLimitOptions } from './login/login.limits.js';
export {
  type LoggedIn,
  type LoginField,
  type LoginForm,
  LoginService,
} from './login/login.service.js';
export {
  AuthorizationPages,
  type ConsentView,
  type ErrorView,
  type FormView,
  type LoginView,
  type PageView,
} from './interaction/authorization.pages.js';
export { DefaultAuthorizationPages } from './interaction/default.pages.js';

// Login at an identity provider
export type {
  UpstreamOptions,
  UpstreamPreset,
} from './upstream/upstream-options.interface.js';
export { UpstreamTokens } from './upstream/upstream-tokens.js';
export {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from './upstream/upstream.provider.js';
export {
  auth0Login,
  cognitoLogin,
  entraLogin,
  googleLogin,
  keycloakLogin,
  oktaLogin,
} from './upstream/upstream-presets.js';
export { githubLogin } from './upstream/github-login.js';

// Storage
export { OAuthStore, type StoredRank } from './storage/oauth.store.js';
export {
  MemoryOAuthStore,
  type MemoryStoreOptions,
} from './storage/memory.store.js';
export {
  RedisOAuthStore,
  type RedisStoreOptions,
} from './storage/redis.store.js';
export type { RedisClient } from './storage/redis-client.interface.js';
export {
  type KeyvInstance,
  KeyvOAuthStore,
  type KeyvStoreOptions,
} from './storage/keyv.store.js';
