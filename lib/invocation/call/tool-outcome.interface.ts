import type { CallToolResult } from '@modelcontextprotocol/server';

/** What a call came to: the protocol's result, and what the transport must know beside it. */
export interface ToolOutcome {
  readonly result: CallToolResult;
  /**
   * The HTTP status with which the route (or the provider's guard) refused the
   * caller. The transport turns it into a challenge where it still can.
   */
  readonly refusal?: 401 | 403;
}
