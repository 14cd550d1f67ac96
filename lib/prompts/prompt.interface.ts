import type {
  GetPromptResult,
  Prompt as PromptDefinition,
} from '@modelcontextprotocol/server';
import type { Call } from '../invocation/call/call.interface.js';
import type { Operation } from '../invocation/operation.interface.js';
import type { OperationOutcome } from '../invocation/operation-outcome.js';

/** One prompt: what the client is told, and what happens when it is taken. */
export interface Prompt extends Operation {
  readonly kind: 'prompt';
  /** The entry of `prompts/list`, ready to send. */
  readonly definition: PromptDefinition;
  /** Validates, invokes and maps. */
  get(call: Call): Promise<OperationOutcome<GetPromptResult>>;
}
