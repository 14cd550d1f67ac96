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
import { Injectable } from '@nestjs/common';
import { getAccessToken } from '../../auth/context/request-context.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import { failedResult } from '../../invocation/result/failure.js';
import {
  type JsonSchema,
  mapSubschemas,
} from '../../schema/json-schema/schema-keywords.js';
import { type Tool, ToolRegistry } from '../../tools/tool.registry.js';
import { CallAccess } from '../calls/call-access.js';
import { callTool } from '../calls/call-refusal.js';
import { CallRunner } from '../calls/call.runner.js';
import { Pages, VisibleList } from '../calls/visible-list.js';
import { ServerEvents } from '../list-changes/server-events.js';
import type { RequestContext } from '../request/endpoint-request.js';
import {
  canReachClient,
  type ServedUnit,
  type ServerFeature,
} from './server-feature.js';

const wrapped = new WeakMap<ToolDefinition, ToolDefinition>();

/**
 * A tool as clients before 2026-07-28 are shown it: an output schema that is no
 * object describes the property `result` (MCP 2025-11-25, Tools, "Output
 * Schema"). Its definitions stay at the root, where clients look for them; the
 * SDK would leave them inside.
 */
function withRootDefinitions(tool: ToolDefinition): ToolDefinition {
  const schema = tool.outputSchema as JsonSchema | undefined;
  if (!schema || schema['type'] === 'object' || !('$defs' in schema)) {
    return tool;
  }
  const known = wrapped.get(tool) ?? {
    ...tool,
    outputSchema: wrap(schema) as unknown as ToolDefinition['outputSchema'],
  };
  wrapped.set(tool, known);
  return known;
}

function wrap(schema: JsonSchema): JsonSchema {
  const { $schema, $defs, ...result } = mapReferences(schema);
  return {
    ...($schema !== undefined && { $schema }),
    type: 'object',
    properties: { result },
    required: ['result'],
    $defs,
  };
}

function mapReferences(schema: JsonSchema): JsonSchema {
  const mapped = mapSubschemas(schema, mapReferences);
  const { $ref } = mapped;
  return typeof $ref === 'string' &&
    /^#(?:$|\/)/.test($ref) &&
    !$ref.startsWith('#/$defs/')
    ? { ...mapped, $ref: `#/properties/result${$ref.slice(1)}` }
    : mapped;
}

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
    this.list = new VisibleList(() => registry, access, auth);
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
    server.setRequestHandler('tools/call', ({ params }, context) =>
      this.call(params, server, context),
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
    let exists = tool && this.access.exists(tool, getAccessToken());
    if (exists !== true) {
      exists = await exists;
    }
    if (!tool || exists !== true) {
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
      tell: failedResult,
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
