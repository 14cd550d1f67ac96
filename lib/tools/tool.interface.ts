import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { Call } from '../invocation/call/call.interface.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';
import type { Operation } from '../invocation/operation.interface.js';

/** One exposed tool: what the client is told, and what happens when it is called. */
export interface Tool extends Operation {
  readonly kind: 'tool';
  /** The entry of `tools/list`, ready to send. */
  readonly definition: ToolDefinition;
  /** What a person is asked before each call; undefined where nobody is. */
  readonly confirm: string | undefined;
  /** Validates, invokes and maps; never throws for what a caller or a route did. */
  call(call: Call): Promise<ToolOutcome>;
}
