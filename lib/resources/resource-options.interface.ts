import type { Annotations, Icon } from '@modelcontextprotocol/server';
import { CACHE_KEYS, type McpModuleOptions } from '../mcp-options.interface.js';
import type { OptionKeys } from '../options/option-keys.js';
import { ICON_KEYS } from '../tools/tool-options.interface.js';

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
  readonly cache?: NonNullable<McpModuleOptions['cache']>;
  /**
   * Milliseconds until a read is given up.
   * @default the server's `timeout`
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
