import type { Call } from '../invocation/call/call.interface.js';
import { CallContext } from '../invocation/call/call-context.js';
import { McpError } from '../invocation/call/mcp.error.js';
import { toolError } from '../invocation/call/tool-error.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';
import type { Tool } from '../tools/tool.interface.js';
import type { Outcome } from './call-request.interface.js';

/** Nothing to fill in: whether the person says yes is all there is. */
const CONFIRMATION = { type: 'object', properties: {} } as const;

/** Calls a tool, once the person in front of the client agrees where it asks for that. */
export function callTool(
  tool: Tool,
  call: Call,
): Promise<Outcome<ToolOutcome['result']>> {
  const outcome =
    tool.confirm === undefined
      ? tool.call(call)
      : confirm(tool.confirm).then((refusal) => refusal ?? tool.call(call));
  return outcome.then(toOutcome);
}

/** What a caller gets that is not let through. */
export function refuseTool(message: string): Outcome<ToolOutcome['result']> {
  return toOutcome(toolError(message));
}

/** What the caller gets without a yes; undefined with one. */
async function confirm(question: string): Promise<ToolOutcome | undefined> {
  try {
    const answer = await CallContext.current()?.elicit(question, CONFIRMATION, {
      key: 'confirm',
    });
    return answer?.action === 'accept'
      ? undefined
      : toolError('The user did not agree to this call.');
  } catch (error) {
    if (McpError.is(error)) {
      return toolError(error.message);
    }
    throw error;
  }
}

function textOf({ content: [first] }: ToolOutcome['result']): string {
  return first?.type === 'text' ? first.text : '';
}

function toOutcome({
  result,
  refusal,
}: ToolOutcome): Outcome<ToolOutcome['result']> {
  return {
    result,
    failed: result.isError === true,
    ...(refusal && { refusal, message: textOf(result) }),
  };
}
