import type { Type } from '@nestjs/common';
import type { OptionKeys } from '../options/option-keys.js';

/**
 * Chooses tools. A tool matches when any entry of any list does.
 *
 * @publicApi
 */
export interface ToolFilter {
  /** Tool names. */
  readonly tools?: readonly string[];
  /** `operationId`s of `@ApiOperation`. */
  readonly operations?: readonly string[];
  /** Tags of `@ApiTags`. */
  readonly tags?: readonly string[];
  /** Controllers (or providers), by class or class name. */
  readonly controllers?: readonly (Type<unknown> | string)[];
  /** Modules that declare them, by class or class name. */
  readonly modules?: readonly (Type<unknown> | string)[];
  /** HTTP methods, in any case. */
  readonly methods?: readonly string[];
  /** URLs as Nest registered them (`/api/cats/:id`); a trailing `/*` takes everything below; the first slash may be left out. */
  readonly paths?: readonly string[];
}

export const TOOL_FILTER_KEYS: OptionKeys<ToolFilter> = {
  tools: 'texts',
  operations: 'texts',
  tags: 'texts',
  controllers: 'classes',
  modules: 'classes',
  methods: 'texts',
  paths: 'texts',
};
