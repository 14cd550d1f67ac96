import type { Annotations, Icon } from '@modelcontextprotocol/server';
import { optionsDecorator } from '../options/module-options.js';
import type { OptionKeys } from '../options/option-keys.js';
import type { CacheOptions } from '../server/mcp-options.interface.js';
import { CACHE_KEYS, ICON_KEYS } from '../server/module-keys.js';

/** Options of `@McpResource()`. @publicApi */
export interface McpResourceOptions {
  /**
   * What clients ask for: a URI (RFC 3986), such as `docs://handbook`, or a
   * template (RFC 6570), such as `orders://{id}/invoice{?currency}`. A URI wins
   * over templates, and of those the one with more fixed characters.
   *
   * A variable is one or more characters other than `/`, `?` and `#`; `{+path}` takes
   * those too, `{/path*}` several segments as an array, and `{?a,b}` query
   * parameters, each of which may be missing.
   */
  readonly uri: string;
  /**
   * Name for programs, unique among the server's resources.
   * @default `<class>_<method>` in snake_case
   */
  readonly name?: string;
  /** Name for people. */
  readonly title?: string;
  /** What it is, for the model. @default that of `@ApiOperation` on a route, else none */
  readonly description?: string;
  /**
   * Media type of the content. What a method returns with a type of its own
   * (a `StreamableFile`, a finished content) keeps that.
   * @default by what is returned: `text/plain`, `application/json`, `application/octet-stream`, or the `Content-Type` of a route
   */
  readonly mimeType?: string;
  readonly icons?: readonly Icon[];
  /** For whom it is, how important, and when it was changed. */
  readonly annotations?: Annotations;
  /** Bytes of the content, if known beforehand. Not with a template. */
  readonly size?: number;
  /** Sent as the `_meta` of the list entry. */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * How long, and by whom, the content may be kept. `cacheScope: 'public'` is
   * refused where the content depends on the caller: on a server that verifies
   * tokens, unless the resource is `@McpPublic()`, and with a `ToolVisibility`.
   * @default not at all
   */
  readonly cache?: CacheOptions;
  /**
   * Milliseconds until a read is given up.
   * @default the server's `limits.timeout`
   */
  readonly timeout?: number;
}

const ANNOTATION_KEYS: OptionKeys<Annotations> = {
  audience: 'texts',
  priority: true,
  lastModified: 'text',
};

export const RESOURCE_KEYS: OptionKeys<McpResourceOptions> = {
  uri: 'name',
  name: 'name',
  title: 'text',
  description: 'text',
  mimeType: 'name',
  icons: ICON_KEYS,
  annotations: ANNOTATION_KEYS,
  size: true,
  _meta: 'object',
  cache: CACHE_KEYS,
  timeout: true,
};

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
