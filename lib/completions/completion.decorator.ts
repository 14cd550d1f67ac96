import type { CompleteResult } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { CallResult, Operation } from '../invocation/call-result.js';
import type { Call } from '../invocation/call/call.interface.js';
import { optionsDecorator } from '../options/module-options.js';
import type { OptionKeys } from '../options/option-keys.js';
import { OperationRegistry } from '../server/operation.registry.js';

/** Options of `@McpCompletion()`: one argument of one prompt or template. @publicApi */
export type McpCompletionOptions =
  | {
      /** Name of the prompt. */
      readonly prompt: string;
      readonly resource?: undefined;
      /** Name of its argument. */
      readonly argument: string;
    }
  | {
      readonly prompt?: undefined;
      /** URI template of the resource, as in its `@McpResource({ uri })`. */
      readonly resource: string;
      /** Name of its variable. */
      readonly argument: string;
    };

const COMPLETION_KEYS: OptionKeys<McpCompletionOptions> = {
  prompt: 'name',
  resource: 'name',
  argument: 'name',
};

/** What a method with `@McpCompletion()` is given. @publicApi */
export interface McpCompletionArguments {
  /** What has been typed so far; empty at first. */
  readonly value: string;
  /** The other arguments, as far as they are known. */
  readonly arguments: Readonly<Record<string, string>>;
}

/** What it returns; an array is all there is. At most 100 values are sent. @publicApi */
export type McpCompletionResult =
  | readonly string[]
  | {
      readonly values: readonly string[];
      /** How many there are altogether. */
      readonly total?: number;
      readonly hasMore?: boolean;
    };

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

/** What an argument belongs to. */
export interface CompletionTarget {
  readonly type: 'prompt' | 'resource';
  /** Name of the prompt, or URI template. */
  readonly name: string;
}

/** The suggestions for one argument. */
export interface Completion extends Operation {
  readonly kind: 'completion';
  /** The arguments of the call are an `McpCompletionArguments`. */
  complete(call: Call): Promise<CallResult<CompleteResult['completion']>>;
}

/** Name of a completion among the operations: `prompt:review#language`. */
export function completionName(
  { type, name }: CompletionTarget,
  argument: string,
): string {
  return `${type}:${name}#${argument}`;
}

/** The completions of one server. */
@Injectable()
export class CompletionRegistry extends OperationRegistry<Completion> {}
