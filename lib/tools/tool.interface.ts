import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { ToolCall } from '../invocation/tool-call.interface.js';
import type { ToolOutcome } from '../invocation/tool-outcome.interface.js';

/** One exposed tool: what the client is told, and what happens when it is called. */
export interface Tool {
  readonly name: string;
  /** The entry of `tools/list`, ready to send. */
  readonly definition: ToolDefinition;
  /** For messages: `GET /countries/:code (CountriesController.findOne)`. */
  readonly origin: string;
  /** Validates, invokes and maps; never throws for what a caller or a route did. */
  call(call: ToolCall): Promise<ToolOutcome>;
}
