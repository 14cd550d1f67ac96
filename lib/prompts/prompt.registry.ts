import type {
  GetPromptResult,
  Prompt as PromptDefinition,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { Call } from '../invocation/call/call.interface.js';
import type { CallResult, Operation } from '../invocation/call-result.js';
import { OperationRegistry } from '../server/operation.registry.js';

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
