/**
 * Tests of MCP servers in the application's own test suite, without a port.
 * Needs the package `@modelcontextprotocol/client`.
 *
 * @module nestjs-mcp/testing
 */

export {
  checkPortability,
  type PortabilityOptions,
} from './check-portability.js';
export { callTool, createMcpClient } from './create-mcp-client.js';
export { McpTestClient } from './mcp-test-client.js';
export type { McpTestClientOptions } from './mcp-test-client.js';
export type {
  PortabilityClient,
  PortabilityFinding,
} from './portability-rules.js';
export {
  createTestTokens,
  type TestTokenClaims,
  type TestTokens,
  type TestTokensOptions,
} from './test-tokens.js';
export {
  expectToolsToMatchSnapshot,
  type ToolSnapshotOptions,
} from './tool-snapshot.js';
