/**
 * Protects an MCP server by the options that teams coming from FastAPI-MCP know.
 * Needs the package `oidc-provider` where it sets up proxies.
 *
 * @module nestjs-mcp/fastapi-mcp
 */
export { fromAuthConfig } from './from-auth-config.js';
export type {
  AuthConfig,
  OAuthMetadata,
  OAuthMetadataInput,
} from './auth-config.interface.js';
export { defineOAuthMetadata } from './check-oauth-metadata.js';
