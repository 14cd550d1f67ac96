import { Injectable } from '@nestjs/common';
import { type McpContext, McpTool } from 'nestjs-mcp';

/** Tells everybody who listens that something is not as it was. */
@Injectable()
export class ChangeTools {
  @McpTool({
    name: 'test_trigger_tool_change',
    description: 'Tells listeners that the list of tools has changed.',
  })
  tools(_arguments: unknown, { notify }: McpContext): string {
    notify.toolsChanged();
    return 'Listeners were told to read the list of tools again.';
  }

  @McpTool({
    name: 'test_trigger_prompt_change',
    description: 'Tells listeners that the list of prompts has changed.',
  })
  prompts(_arguments: unknown, { notify }: McpContext): string {
    notify.promptsChanged();
    return 'Listeners were told to read the list of prompts again.';
  }
}
