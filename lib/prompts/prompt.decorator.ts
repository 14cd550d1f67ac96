import { optionsDecorator } from '../options/options-decorator.js';
import {
  PROMPT_KEYS,
  type McpPromptOptions,
} from './prompt-options.interface.js';

/** A string, not a symbol: a process may load both module formats of this package. */
export const PROMPT_METADATA = 'nestjs-mcp:prompt';

/**
 * Offers what a provider's method returns as an MCP prompt: a text, which
 * becomes one message of the user, a message, an array of either, or a finished
 * `{ messages }`.
 *
 * The options `include` and `exclude` of the module are for tools alone;
 * `@McpHide()` hides prompts, too.
 *
 * @example
 * ```ts
 * @McpPrompt({ description: 'Review a pull request' })
 * review({ number }: ReviewArgs): string {
 *   return `Review pull request ${number} for security.`;
 * }
 * ```
 * @publicApi
 */
export const McpPrompt = (options: McpPromptOptions = {}): MethodDecorator =>
  optionsDecorator('McpPrompt', PROMPT_METADATA, options, PROMPT_KEYS);
