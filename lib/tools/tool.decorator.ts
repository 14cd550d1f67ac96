import type { Icon, ToolAnnotations } from '@modelcontextprotocol/server';
import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { HIDE_METADATA } from '../nest/provider-methods.js';
import { optionsDecorator } from '../options/module-options.js';
import type { OptionKeys, OptionTable } from '../options/option-keys.js';
import { ICON_KEYS } from '../server/module-keys.js';
import type { SchemaInput } from '../schema/sources/schema-reader.js';

/**
 * Options of `@McpTool()`. On a class they apply to each of its routes; a
 * method's own options win.
 *
 * @publicApi
 */
export interface McpToolOptions {
  /**
   * Name of the tool: 1 to 128 characters of `A-Z a-z 0-9 _ . -` (MCP, Tools,
   * "Tool Names"). Methods only.
   * @default the `operationId` of `@ApiOperation`, else `<controller>_<method>` in snake_case
   */
  readonly name?: string;
  /** Name for people. */
  readonly title?: string;
  /**
   * What the tool does, for the model.
   * @default summary and description of `@ApiOperation`, else method and path
   */
  readonly description?: string;
  /** Hints; each one given here replaces the one derived from the HTTP method. */
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly Icon[];
  /** Sent as the tool's `_meta`. */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * Which of the method's URLs to call, as Nest registered it (`/api/v1/cats/:id`)
   * or as written in the decorator (`:id`). Methods only.
   * @default the first
   */
  readonly path?: string;
  /** Which version to call, where the method serves several. */
  readonly version?: string;
  /** The HTTP method to send to an `@All()` route. */
  readonly method?: string;
  /**
   * Headers sent on every call. Needed with CUSTOM versioning, where no rule
   * leads from a version to a request.
   */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Asks the person in front of the client before each call: with this
   * question, or one made of the tool's name. Without a yes, and with clients
   * that cannot ask, nothing runs.
   * @default false
   */
  readonly confirm?: boolean | string;
  /**
   * Milliseconds until a call is given up.
   * @default the server's `limits.timeout`
   */
  readonly timeout?: number;
  /** Replaces the input schema derived from the parameters. Methods only. */
  readonly inputSchema?: SchemaInput;
  /**
   * What the tool returns; a result that breaks it is an error. `true` takes it
   * from `@ApiResponse`, `false` advertises none.
   * @default the server's `outputSchema`
   */
  readonly outputSchema?: SchemaInput | boolean | 'strict';
}

export const TOOL_ANNOTATION_KEYS: OptionTable = {
  title: 'text',
  readOnlyHint: 'flag',
  destructiveHint: 'flag',
  idempotentHint: 'flag',
  openWorldHint: 'flag',
} satisfies OptionKeys<ToolAnnotations>;

const TOOL_KEYS: OptionKeys<McpToolOptions> = {
  name: 'name',
  title: 'text',
  description: 'text',
  annotations: TOOL_ANNOTATION_KEYS,
  icons: ICON_KEYS,
  _meta: 'object',
  path: 'name',
  version: 'name',
  method: 'name',
  headers: 'object',
  confirm: 'question',
  timeout: true,
  inputSchema: true,
  outputSchema: true,
};

/** A string, not a symbol: a process may load both module formats of this package. */
export const TOOL_METADATA = 'nestjs-mcp:tool';

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
 * Keeps a route, or a whole controller, from becoming a tool, even where
 * something else exposes it; and methods, or those of a class, from becoming resources,
 * prompts or completions.
 *
 * @publicApi
 */
export const McpHide = (): CustomDecorator => SetMetadata(HIDE_METADATA, true);
