import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  type Implementation,
  ProtocolError,
  type ProtocolEra,
  ProtocolErrorCode,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import {
  eventSubject,
  McpSecurityEvents,
} from '../auth/events/security-events.js';
import { getAccessToken } from '../auth/context/request-context.js';
import type { AccessToken } from '../auth/access-token.js';
import { InvalidTokenError } from '../auth/errors/invalid-token.error.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import { toolError } from '../invocation/call/tool-error.js';
import type { ToolCall } from '../invocation/call/tool-call.interface.js';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';
import type { Tool } from '../tools/tool.interface.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { CallRefusal } from './call-refusal.js';
import { ToolAccess } from './tool.access.js';
import { ToolList } from './tool.list.js';
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
    private readonly access: ToolAccess,
    private readonly list: ToolList,
    private readonly refusals: CallRefusal,
    private readonly events: McpSecurityEvents,
    private readonly auth: ServerAuth,
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
    server.setRequestHandler('tools/list', async () => ({
      tools: [...(await this.list.visibleTo(getAccessToken()))],
    }));
    server.setRequestHandler('tools/call', async ({ params }, context) => {
      const tool = this.tools.get(params.name);
      if (!tool || !(await this.access.exists(tool, getAccessToken()))) {
        throw new ProtocolError(
          ProtocolErrorCode.InvalidParams,
          `Unknown tool: ${params.name}`,
        );
      }
      const outcome = await this.call(
        tool,
        toolCallOf(params.name, params.arguments, context),
      );
      this.refusals.note(currentExchange(), tool, outcome);
      return server.projectCallToolResult(
        outcome.result,
        tool.definition.outputSchema,
      );
    });
    return server;
  }

  private async call(tool: Tool, call: ToolCall): Promise<ToolOutcome> {
    const token = getAccessToken();
    const started = performance.now();
    const outcome: ToolOutcome = (await this.access.permits(
      tool,
      token,
      call.arguments,
    ))
      ? await this.run(tool, call, token)
      : { ...toolError('Forbidden'), refusal: 403 };
    this.events.emit(() => ({
      type: 'call',
      tool: tool.name,
      ...eventSubject(token),
      duration: performance.now() - started,
      outcome: outcome.refusal
        ? 'refused'
        : outcome.result.isError
          ? 'error'
          : 'success',
      argumentsDigest: createHash('sha256')
        .update(JSON.stringify(call.arguments))
        .digest('hex'),
    }));
    return outcome;
  }

  private async run(
    tool: Tool,
    call: ToolCall,
    token: AccessToken | null,
  ): Promise<ToolOutcome> {
    let authorization: string | undefined;
    try {
      authorization = await this.auth.localIssuer.forwardedAuthorization(token);
    } catch (error) {
      return error instanceof InvalidTokenError
        ? { ...toolError('Log in again'), refusal: 401 }
        : toolError('The identity provider cannot be reached at the moment');
    }
    return tool.call(
      authorization === undefined ? call : { ...call, authorization },
    );
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
