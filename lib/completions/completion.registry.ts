import type { CompleteResult } from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { Call } from '../invocation/call/call.interface.js';
import type { CallResult, Operation } from '../invocation/call-result.js';
import { OperationRegistry } from '../server/operation.registry.js';

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
