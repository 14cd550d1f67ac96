import type {
  GetPromptResult,
  Prompt as PromptDefinition,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import type { Call } from '../invocation/call/call.interface.js';
import type {
  Operation,
  OperationOutcome,
} from '../invocation/operation-outcome.js';
import { OperationRegistry } from '../server/operation.registry.js';

/** One prompt: what the client is told, and what happens when it is taken. */
export interface Prompt extends Operation {
  readonly kind: 'prompt';
  /** The entry of `prompts/list`, ready to send. */
  readonly definition: PromptDefinition;
  /** Validates, invokes and maps. */
  get(call: Call): Promise<OperationOutcome<GetPromptResult>>;
}

/** The prompts of one server. */
@Injectable()
export class PromptRegistry extends OperationRegistry<Prompt> {}
