/**
 * MCP servers over standard input and output, for clients that start them as a
 * process of their own.
 *
 * @module nestjs-mcp/stdio
 */

export { protectStdout } from './serve-stdio.js';
export { runStdioServer } from './run-stdio-server.js';
export { serveStdio, type StdioConnection } from './serve-stdio.js';
export type {
  RunStdioOptions,
  ServeStdioOptions,
} from './stdio-options.interface.js';
