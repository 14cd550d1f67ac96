import type {
  GetPromptResult,
  Icon,
  Prompt as PromptDefinition,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { CallResult, Operation } from '../invocation/call-result.js';
import type { Call } from '../invocation/call/call.interface.js';
import { optionsDecorator } from '../options/module-options.js';
import type { OptionKeys } from '../options/option-keys.js';
import type { SchemaInput } from '../schema/sources/schema-reader.js';
import { ICON_KEYS } from '../server/module-keys.js';
import { OperationRegistry } from '../server/operation.registry.js';

/** Options of `@McpPrompt()`. @publicApi */
export interface McpPromptOptions {
  /**
   * Name of the prompt, unique among the server's.
   * @default `<class>_<method>` in snake_case
   */
  readonly name?: string;
  /** Name for people. */
  readonly title?: string;
  /** What it is for. */
  readonly description?: string;
  readonly icons?: readonly Icon[];
  /** Sent as the `_meta` of the list entry. */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * Arguments, as an object schema. Clients send text; where the schema asks
   * for a number or a boolean, it is read as one.
   * @default the class of the first parameter, else none
   */
  readonly arguments?: SchemaInput;
  /**
   * Milliseconds until a call is given up.
   * @default the server's `limits.timeout`
   */
  readonly timeout?: number;
}

export const PROMPT_KEYS: OptionKeys<McpPromptOptions> = {
  name: 'name',
  title: 'text',
  description: 'text',
  icons: ICON_KEYS,
  _meta: 'object',
  arguments: true,
  timeout: true,
};

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

/** One prompt: what the client is told, and what happens when it is taken. */
export interface Prompt extends Operation {
  readonly kind: 'prompt';
  /** The entry of `prompts/list`, ready to send. */
  readonly definition: PromptDefinition;
  /** Validates, invokes and maps. */
  get(call: Call): Promise<CallResult<GetPromptResult>>;
}

/** The prompts of one server. */
@Injectable()
export class PromptRegistry extends OperationRegistry<Prompt> {}
