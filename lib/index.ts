/**
 * Exposes the controllers of a NestJS application as MCP tools.
 *
 * @module nestjs-mcp
 */

// Module and options
export { McpModule } from './mcp.module.js';
export { McpRegistry } from './registry/mcp.registry.js';
export type {
  McpModuleAsyncOptions,
  McpOptionsFactory,
} from './mcp.module-definition.js';
export type {
  CacheOptions,
  LegacyOptions,
  LimitOptions,
  McpModuleOptions,
  OriginOptions,
  SsePathOptions,
  ToolContext,
  ToolNameContext,
} from './server/mcp-options.interface.js';

// Tools
export { McpHide, McpTool } from './tools/tool.decorator.js';
export type { McpToolOptions } from './tools/tool.decorator.js';
export type { ToolFilter } from './server/tool-filter.interface.js';
export { defaultToolName } from './tools/tool-name.js';
export type { SchemaInput } from './schema/sources/schema-reader.js';
export type { JsonSchema } from './schema/json-schema/schema-keywords.js';
export type { StandardSchema } from './schema/sources/standard-schema.reader.js';

// Resources, prompts and completions
export { McpResource } from './resources/resource.decorator.js';
export type { McpResourceOptions } from './resources/resource.decorator.js';
export { McpPrompt } from './prompts/prompt.decorator.js';
export type { McpPromptOptions } from './prompts/prompt.decorator.js';
export { McpCompletion } from './completions/completion.decorator.js';
export type {
  McpCompletionArguments,
  McpCompletionOptions,
  McpCompletionResult,
} from './completions/completion.decorator.js';

// Authentication
export { AccessToken } from './auth/token/access-token.js';
export type { McpAuthOptions } from './auth/auth-options.interface.js';
export {
  McpAuthorize,
  McpPublic,
  McpScopes,
} from './auth/access/access.decorators.js';
export type { AccessPredicate } from './auth/access/access.decorators.js';
export { assertScopes } from './auth/access/scope.policy.js';
export { ExactScopeMatcher, ScopeMatcher } from './auth/access/scope.policy.js';
export {
  getAccessToken,
  getHttpHeaders,
  McpHeaders,
  McpToken,
  McpUser,
} from './auth/context/request-context.js';
export { McpAuthException } from './auth/challenge/auth.challenge.js';
export {
  InvalidTokenError,
  type TokenRefusal,
} from './auth/token/token.errors.js';
export { VerifierUnavailableError } from './auth/token/token.errors.js';
export { AuthChallenge } from './auth/challenge/auth.challenge.js';
export { McpAuthProvider } from './auth/credentials/auth.provider.js';
export { BearerAuthProvider } from './auth/credentials/bearer-auth.provider.js';
export { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';

export {
  type OAuthClientInformation,
  type OAuthClientMetadata,
  OAuthClients,
} from './auth/issuer/oauth-clients.js';
export { McpOAuthClients } from './auth/issuer/token-issuers.js';
export { TokenIssuer } from './auth/issuer/token.issuer.js';
export type {
  TokenIssuerContext,
  TokenIssuerFactory,
} from './auth/issuer/token-issuers.js';
export { McpTokenVerifiers } from './auth/server/injected-auth.js';
export {
  type ProtectedResourceDocument,
  ProtectedResourceMetadata,
} from './auth/metadata/mcp-metadata.controller.js';
export { McpAuthModule } from './auth/mcp-auth.module.js';
export type { McpAuthModuleOptions } from './auth/auth-options.interface.js';
export {
  ToolVisibility,
  type VisibilityQuestion,
} from './auth/access/tool-visibility.js';
export { McpSecurityEvents } from './auth/audit/security-events.js';
export type { McpSecurityEvent } from './auth/audit/security-events.js';
export {
  ApiKeyAuthProvider,
  type ApiKeyAuthOptions,
} from './auth/credentials/api-key-auth.provider.js';
export { CompositeAuthProvider } from './auth/credentials/composite-auth.provider.js';

// Verifiers of tokens
export {
  type AcceptedTokens,
  type AudienceBinding,
  TokenVerifier,
  type VerifyContext,
} from './auth/verifiers/token-verifier.js';
export type { ClaimPaths, TokenClaims } from './auth/token/claims.js';
export { JwtTokenVerifier } from './auth/verifiers/jwt/jwt-token.verifier.js';
export type {
  JwtCacheOptions,
  JwksCacheOptions,
  JwtIssuerOptions,
  JwtVerifierOptions,
} from './auth/verifiers/jwt/jwt-options.interface.js';
export type { JwtAlgorithm } from './auth/verifiers/jwt/algorithms.js';
export type { PublicKeyInput } from './auth/verifiers/jwt/public-key.js';
export type { AudienceOption } from './auth/verifiers/audience-rule.js';
export {
  IntrospectionTokenVerifier,
  type IntrospectionVerifierOptions,
} from './auth/verifiers/introspection-token.verifier.js';
export type { ClaimsCacheOptions } from './auth/verifiers/claims-cache.js';
export type { ClientAuthMethod } from './auth/verifiers/client-authentication.js';
export { ProviderTokenVerifier } from './auth/verifiers/provider/provider-token.verifier.js';
export type { ProviderVerifierOptions } from './auth/verifiers/provider/provider-options.interface.js';
export {
  RemoteTokenVerifier,
  type RemoteVerifierOptions,
} from './auth/verifiers/remote-token.verifier.js';
export {
  type StaticTokenMetadata,
  StaticTokenVerifier,
  type StaticVerifierOptions,
} from './auth/verifiers/static-token.verifier.js';
export { CompositeTokenVerifier } from './auth/verifiers/composite-token.verifier.js';

// Identity providers, as options of JwtTokenVerifier
export { auth0, type Auth0Options } from './auth/presets/auth0.js';
export { cognito, type CognitoOptions } from './auth/presets/cognito.js';
export { entra, type EntraOptions } from './auth/presets/entra.js';
export type { IdentityProvider } from './auth/presets/identity-provider.js';
export { keycloak, type KeycloakOptions } from './auth/presets/keycloak.js';
export { okta, type OktaOptions } from './auth/presets/okta.js';

// Inside a call
export { McpContext } from './invocation/call/mcp-context.js';
export type { QuestionOptions } from './invocation/call/call-context.js';
export type {
  Elicitation,
  McpClientInfo,
  ProtocolEra,
  SamplingResult,
} from './invocation/call/client-link.js';
export { McpError } from './invocation/call/call.errors.js';
export type { McpLog } from './invocation/call/mcp-log.js';
export type { McpNotify } from './invocation/call/mcp-log.js';
export { InputRequiredError } from './invocation/call/call.errors.js';
export type { OperationKind } from './invocation/call-result.js';
export { type McpCall, mcpCallOf } from './invocation/call/mcp-call.js';

// Sessions of the 2025 era
export type { SessionOptions } from './server/session-options.interface.js';
export {
  EventStore,
  type StoredEvent,
  type StreamReplay,
} from './transport/resume/event.store.js';
export {
  MemoryEventStore,
  type MemoryEventStoreOptions,
} from './transport/resume/memory-event.store.js';
export { RedisEventStore } from './transport/resume/redis-event.store.js';
export type { RedisEventStoreOptions } from './transport/resume/redis-event.options.js';

// Endpoint
export {
  McpController,
  type McpModuleExtras,
} from './transport/http/mcp.controller.js';

// What changes while the application runs
export type {
  ArgumentsOf,
  McpDefinition,
  McpPromptDefinition,
  McpRegistration,
  McpResourceDefinition,
  McpToolDefinition,
  RuntimeAccess,
} from './registry/runtime-definition.interface.js';
export type { LocalCallOptions } from './registry/in-process-calls.js';
export {
  type McpServerEvent,
  type McpSessionEvent,
  ServerEventBus,
} from './transport/list-changes/server-event-bus.js';
export { MemoryServerEventBus } from './transport/list-changes/server-event-bus.js';
export {
  RedisServerEventBus,
  type RedisServerEventBusOptions,
} from './transport/list-changes/redis.server-event-bus.js';
export type {
  RedisClient,
  RedisOptions,
  RedisStreamEntry,
  RedisSubscriber,
} from './redis/redis-client.js';
