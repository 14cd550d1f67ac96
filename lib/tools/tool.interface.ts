import type { Type } from '@nestjs/common';
import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { ToolCall } from '../invocation/call/tool-call.interface.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';

/** One exposed tool: what the client is told, and what happens when it is called. */
export interface Tool {
  readonly name: string;
  /** The entry of `tools/list`, ready to send. */
  readonly definition: ToolDefinition;
  /** Controller or provider, and its method: the carriers of decorators. */
  readonly owner: Type<unknown>;
  readonly handler: object;
  /** For messages: `GET /countries/:code (CountriesController.findOne)`. */
  readonly origin: string;
  /** Validates, invokes and maps; never throws for what a caller or a route did. */
  call(call: ToolCall): Promise<ToolOutcome>;
}
