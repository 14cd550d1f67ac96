import { Inject, Injectable } from '@nestjs/common';
import {
  type Implementation,
  ProtocolError,
  type ProtocolEra,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import type { ToolCall } from '../invocation/tool-call.interface.js';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { currentExchange } from './exchange.js';

/**
 * Makes the SDK's server for one request. The low-level `Server` is used, as
 * it costs the same with one tool as with a thousand; lists and lookups are
 * ours.
 */
@Injectable()
export class McpServerFactory {
  private readonly identity: Implementation;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly tools: ToolRegistry,
  ) {
    const { name, version, title, description, websiteUrl, icons } = settings;
    this.identity = {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(websiteUrl !== undefined && { websiteUrl }),
      ...(icons !== undefined && { icons: [...icons] }),
    };
  }

  create(era: ProtocolEra): Server {
    const server = new Server(this.identity, {
      // Legacy clients are served without sessions, so nothing can reach them later.
      capabilities: { tools: { listChanged: era === 'modern' } },
      ...(this.settings.instructions !== undefined && {
        instructions: this.settings.instructions,
      }),
    });
    server.setRequestHandler('tools/list', () => ({
      tools: [...this.tools.definitions],
    }));
    server.setRequestHandler('tools/call', async ({ params }, context) => {
      const tool = this.tools.get(params.name);
      if (!tool) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `Unknown tool: ${params.name}`,
        );
      }
      const outcome = await tool.call(
        toolCallOf(params.name, params.arguments, context),
      );
      return server.projectCallToolResult(
        outcome.result,
        tool.definition.outputSchema,
      );
    });
    return server;
  }

  /** Calls the listener whenever the list of tools has changed. */
  onToolsChanged(listener: () => void): void {
    this.tools.onChange(listener);
  }
}

function toolCallOf(
  toolName: string,
  args: Record<string, unknown> = {},
  { mcpReq }: ServerContext,
): ToolCall {
  const exchange = currentExchange();
  const progressToken = mcpReq._meta?.progressToken;
  return {
    toolName,
    arguments: args,
    request: exchange?.request,
    response: exchange?.response,
    signal: mcpReq.signal,
    reportProgress:
      progressToken === undefined
        ? undefined
        : (progress, total, message) =>
            void mcpReq
              .notify({
                method: 'notifications/progress',
                params: {
                  progressToken,
                  progress,
                  ...(total !== undefined && { total }),
                  ...(message !== undefined && { message }),
                },
              })
              // The client is gone, or the call has been answered: nobody waits for it.
              .catch(() => undefined),
  };
}
