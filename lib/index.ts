/**
 * Exposes the controllers of a NestJS application as MCP tools.
 *
 * @module nestjs-mcp
 */

// Module and options
export { McpModule } from './mcp.module.js';
export { McpRegistry } from './mcp.registry.js';
export type {
  McpModuleAsyncOptions,
  McpModuleExtras,
  McpModuleOptions,
  McpOptionsFactory,
} from './mcp-options.interface.js';

// Tools
export { McpHide, McpTool } from './tools/tool.decorator.js';
export type { McpToolOptions } from './tools/tool-options.interface.js';
export type { ToolFilter } from './tools/tool-filter.interface.js';
export { defaultToolName, type ToolNameContext } from './tools/tool-name.js';
export type { SchemaSource } from './schema/schema-source.interface.js';
export type { JsonSchema } from './schema/json-schema.interface.js';
export type { StandardSchema } from './schema/standard-schema.interface.js';

// Inside a call
export { McpContext } from './invocation/mcp-context.js';
export { type McpCall, mcpCallOf } from './invocation/mcp-call.js';

// Endpoint
export { McpController } from './transport/mcp.controller.js';
