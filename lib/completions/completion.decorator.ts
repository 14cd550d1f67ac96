import { optionsDecorator } from '../options/options-decorator.js';
import {
  COMPLETION_KEYS,
  type McpCompletionOptions,
} from './completion-options.interface.js';

/** A string, not a symbol: a process may load both module formats of this package. */
export const COMPLETION_METADATA = 'nestjs-mcp:completion';

/**
 * Has a provider's method suggest values for an argument of a prompt, or a
 * variable of a resource template, while it is typed. Whoever may not see the
 * prompt or the resource gets no suggestions either; what the method's own
 * decorators ask for holds besides.
 *
 * @example
 * ```ts
 * @McpCompletion({ prompt: 'review', argument: 'language' })
 * language({ value }: McpCompletionArguments): string[] {
 *   return LANGUAGES.filter((language) => language.startsWith(value));
 * }
 * ```
 * @publicApi
 */
export const McpCompletion = (options: McpCompletionOptions): MethodDecorator =>
  optionsDecorator(
    'McpCompletion',
    COMPLETION_METADATA,
    options,
    COMPLETION_KEYS,
  );
