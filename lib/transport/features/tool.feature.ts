import { withRootDefinitions } from './legacy-output.js';
import { Injectable } from '@nestjs/common';
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerCapabilities,
  type Tool as ToolDefinition,
} from '@modelcontextprotocol/server';
import { getAccessToken } from '../../auth/context/request-context.js';
import { ServerAuth } from '../../auth/guards/server-auth.js';
import type { Tool } from '../../tools/tool.interface.js';
import { ToolRegistry } from '../../tools/tool.registry.js';
import { CallAccess } from '../call-access.js';
import { CallRunner } from '../call.runner.js';
import type { RequestContext } from '../call-request.interface.js';
import { ServerEvents } from '../events/server-events.js';
import { currentExchange } from '../exchange.js';
import { Pages } from '../pages.js';
import { callTool, refuseTool } from '../tool-call.js';
import { VisibleList } from '../visible-list.js';
import { canReachClient } from './can-reach-client.js';
import type { ServedUnit, ServerFeature } from './server-feature.js';

/** `tools/list` and `tools/call` (MCP, Tools). */
@Injectable()
export class ToolFeature implements ServerFeature {
  private readonly list: VisibleList<ToolDefinition>;

  constructor(
    private readonly registry: ToolRegistry,
    private readonly access: CallAccess,
    private readonly runner: CallRunner,
    private readonly pages: Pages,
    auth: ServerAuth,
    events: ServerEvents,
  ) {
    this.list = new VisibleList(registry, access, auth);
    access.watch('tool', registry);
    registry.onLaterChange((names) =>
      events.publish({ kind: 'tools_list_changed', names }),
    );
  }

  capabilities(unit: ServedUnit): ServerCapabilities {
    return { tools: { listChanged: canReachClient(unit) } };
  }

  install(server: Server, { era }: ServedUnit): void {
    server.setRequestHandler('tools/list', async ({ params }) => {
      const { entries, nextCursor } = this.pages.of(
        await this.list.visibleTo(getAccessToken()),
        params?.cursor,
      );
      const tools =
        era === 'legacy' ? entries.map(withRootDefinitions) : [...entries];
      return { tools, ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler(
      'tools/call',
      ({ params }, context) =>
        currentExchange()?.made ?? this.call(params, server, context),
    );
  }

  /**
   * The answer to `tools/call`.
   *
   * @throws ProtocolError for a tool that does not exist for the caller
   */
  async call(
    { name, arguments: args = {} }: CallToolRequest['params'],
    server: Server,
    context: RequestContext,
  ): Promise<CallToolResult | InputRequiredResult> {
    const tool = this.registry.get(name);
    const exists = tool && this.access.exists(tool, getAccessToken());
    if (!tool || !(exists === true || (await exists))) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool: ${name}`,
      );
    }
    const result = await this.runner.run({
      operation: tool,
      name,
      arguments: args,
      server,
      context,
      invoke: (call) => callTool(tool, call),
      refuse: refuseTool,
    });
    return isInputRequiredResult(result)
      ? result
      : server.projectCallToolResult(result, tool.definition.outputSchema);
  }

  /** What `tools/list` gives the current caller, unless that is decided each time. */
  stableList(): readonly ToolDefinition[] | undefined {
    return this.list.stableFor(getAccessToken());
  }

  operationOf(method: unknown, params: unknown): Tool | undefined {
    const { name } = (params ?? {}) as { readonly name?: unknown };
    return method === 'tools/call' && typeof name === 'string'
      ? this.registry.get(name)
      : undefined;
  }
}
