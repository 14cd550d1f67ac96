/**
 * Tests of MCP servers in the application's own test suite, without a port.
 * Needs the package `@modelcontextprotocol/client`.
 *
 * @module nestjs-mcp/testing
 */

export { callTool, createMcpClient } from './create-mcp-client.js';
export { McpTestClient } from './mcp-test-client.js';
export type { McpTestClientOptions } from './mcp-test-client.js';
export {
  createTestTokens,
  type TestTokenClaims,
  type TestTokens,
  type TestTokensOptions,
} from './test-tokens.js';
