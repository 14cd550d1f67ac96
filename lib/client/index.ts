/**
 * Calls MCP servers from a Nest application, with connections and tokens
 * looked after.
 *
 * @module nestjs-mcp/client
 */

export { ApiKeyAuth, type ClientApiKeyOptions } from './auth/api-key.auth.js';
export { AuthorizationCodeAuth } from './auth/authorization-code.auth.js';
export { BearerAuth, loadToken, type TokenSource } from './auth/bearer.auth.js';
export {
  type AuthTarget,
  ClientAuth,
  type ClientCaller,
  type RefusedToken,
  TokenAuth,
} from './auth/client-auth.js';
export {
  ClientCredentialsAuth,
  type ClientCredentialsAuthOptions,
} from './auth/client-credentials.auth.js';
export {
  CrossAppAuth,
  type CrossAppAuthOptions,
  type IdentityProviderOptions,
} from './auth/cross-app.auth.js';
export type {
  AuthorizationCodeAuthOptions,
  GrantOptions,
} from './auth/grant-options.js';
export type { LoginControllerOptions } from './auth/login.controller.js';
export {
  TokenExchangeAuth,
  type TokenExchangeAuthOptions,
} from './auth/token-exchange.auth.js';
export type {
  McpClientCallOptions,
  McpToolResult,
} from './calls/call-options.js';
export type { McpClientSubscription } from './calls/subscription.js';
export {
  McpCallError,
  McpClientError,
  McpConnectionError,
  McpInsufficientScopeError,
  McpLoginRequiredError,
  McpTimeoutError,
  McpUnauthorizedError,
} from './client.errors.js';
export type {
  McpClientCall,
  McpClientCallOutcome,
  McpClientHookOptions,
  McpClientModuleOptions,
  McpClientRetryOptions,
  McpClientRoot,
  McpClientServerOptions,
  McpClientToolOptions,
} from './config/client-options.interface.js';
export type { McpClientList } from './handlers/handler.decorators.js';
export {
  type McpClientEvent,
  McpOnElicitation,
  McpOnListChanged,
  McpOnLog,
  McpOnProgress,
  McpOnSampling,
} from './handlers/handler.decorators.js';
export {
  type McpClientHealth,
  McpClientHealthIndicator,
  type McpClientHealthOptions,
} from './mcp-client.health.js';
export { McpClient } from './mcp-client.js';
export {
  getMcpClientToken,
  InjectMcpClient,
  type McpClientModuleAsyncOptions,
  McpClientModule,
  type McpClientOptionsFactory,
} from './mcp-client.module.js';
export { McpClients } from './mcp-clients.js';
export {
  type RedisTokenClient,
  RedisTokenStore,
  type RedisTokenStoreOptions,
} from './tokens/redis.token-store.js';
export { MemoryTokenStore, TokenStore } from './tokens/token.store.js';
