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
  LoginLimitOptions,
  SigningKeyInput,
  StaticClientOptions,
} from '../auth/issuer/authorization-server-options.interface.js';
export type {
  ClientIdMetadataOptions,
  RegistrationOptions,
  RevocationOptions,
} from '../auth/issuer/endpoint-options.interface.js';
export { OwnTokenVerifier } from './own-token.verifier.js';

// Clients
export {
  type OAuthClientInformation,
  type OAuthClientMetadata,
  OAuthClients,
} from '../auth/issuer/oauth-clients.js';
export { McpOAuthClients } from '../auth/issuer/token-issuers.js';

// Login
export {
  type LoggedIn,
  type LoginField,
  type LoginForm,
  LoginService,
} from '../auth/issuer/login.service.js';
export {
  AuthorizationPages,
  type ConsentView,
  type ErrorView,
  type FormView,
  type LoginView,
  type PageView,
} from '../auth/issuer/authorization.pages.js';
export { DefaultAuthorizationPages } from './login/page.responder.js';

// Login at an identity provider
export type {
  UpstreamOptions,
  UpstreamPreset,
} from '../auth/issuer/upstream-options.interface.js';
export { UpstreamTokens } from '../auth/issuer/upstream-tokens.js';
export {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from './upstream/upstream.provider.js';
export { githubLogin, googleLogin } from './upstream/login-presets.js';

// Storage
export { OAuthStore, type StoredRank } from '../auth/issuer/oauth.store.js';
export {
  MemoryOAuthStore,
  type MemoryStoreOptions,
} from './storage/memory.store.js';
export {
  RedisOAuthStore,
  type RedisStoreOptions,
} from './storage/redis.store.js';
export type { RedisClient, RedisOptions } from '../redis/redis-client.js';
export {
  type KeyvInstance,
  KeyvOAuthStore,
  type KeyvStoreOptions,
} from './storage/keyv.store.js';
