import type { ToolOutcome } from './tool-outcome.interface.js';

/** A failed result with a message for the caller. */
export function toolError(text: string): ToolOutcome {
  return { result: { content: [{ type: 'text', text }], isError: true } };
}
