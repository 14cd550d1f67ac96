import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import { optionsDecorator } from '../options/options-decorator.js';
import { TOOL_KEYS, type McpToolOptions } from './tool-options.interface.js';

/** Strings, not symbols: a process may load both module formats of this package. */
export const TOOL_METADATA = 'nestjs-mcp:tool';
export const HIDE_METADATA = 'nestjs-mcp:hide';

/**
 * Exposes a route or a provider's method as an MCP tool; on a controller class,
 * all its routes.
 *
 * @example
 * ```ts
 * @Get(':code')
 * @McpTool({ description: 'Find one country by its ISO code' })
 * findOne(@Param('code') code: string) {}
 * ```
 * @publicApi
 */
export const McpTool = (options: McpToolOptions = {}): CustomDecorator =>
  optionsDecorator('McpTool', TOOL_METADATA, options, TOOL_KEYS);

/**
 * Keeps a route, or a whole controller, from becoming a tool, whatever else
 * exposes it; and methods, or those of a class, from becoming resources,
 * prompts or completions.
 *
 * @publicApi
 */
export const McpHide = (): CustomDecorator => SetMetadata(HIDE_METADATA, true);
