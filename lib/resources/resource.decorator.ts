import { optionsDecorator } from '../options/options-decorator.js';
import {
  RESOURCE_KEYS,
  type McpResourceOptions,
} from './resource-options.interface.js';

/** A string, not a symbol: a process may load both module formats of this package. */
export const RESOURCE_METADATA = 'nestjs-mcp:resource';

/**
 * Offers what a provider's method, or a controller's GET route, returns as an
 * MCP resource. The variables of a template are the arguments of the method, as
 * text (or what the class of its first parameter makes of it), and the path and
 * query parameters of the route.
 *
 * Text, bytes, a `StreamableFile` and JSON become content; `undefined`, `null`
 * and a `NotFoundException` mean that there is no such resource. To say more,
 * return `{ uri?, mimeType?, text | blob }`, an array of them, or `{ contents }`.
 *
 * The options `include` and `exclude` of the module are for tools alone;
 * `@McpHide()` hides resources, too.
 *
 * @example
 * ```ts
 * @McpResource({ uri: 'orders://{id}/invoice', mimeType: 'application/pdf' })
 * invoice({ id }: { id: string }): Promise<Buffer | undefined> {}
 * ```
 * @publicApi
 */
export const McpResource = (options: McpResourceOptions): MethodDecorator =>
  optionsDecorator('McpResource', RESOURCE_METADATA, options, RESOURCE_KEYS);
