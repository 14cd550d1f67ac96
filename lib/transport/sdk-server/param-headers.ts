import { Injectable } from '@nestjs/common';
import {
  type Implementation,
  McpServer,
  type ServerOptions,
} from '@modelcontextprotocol/server';
import { getAccessToken } from '../../auth/context/request-context.js';
import { declaresHeaders } from '../../tools/header-parameters.js';
import type { Tool } from '../../tools/tool.registry.js';
import { ToolRegistry } from '../../tools/tool.registry.js';
import { CallAccess } from '../calls/call-access.js';

type Schemas = ReadonlyMap<string, Record<string, unknown>>;

/**
 * The tools whose arguments come in `Mcp-Param-*` headers, too (MCP 2026-07-28,
 * Streamable HTTP, "Custom Headers from Tool Parameters").
 */
@Injectable()
export class ParamHeaders {
  private tools: readonly Tool[] = [];
  /** The list that `tools` was made of: the registry makes another whenever it changes. */
  private known: readonly unknown[] | undefined;

  constructor(
    private readonly registry: ToolRegistry,
    private readonly access: CallAccess,
  ) {}

  /** Whether there is anything to compare. */
  get areDeclared(): boolean {
    return this.current().length > 0;
  }

  /**
   * The input schemas to hold headers against, by tool: of those that exist for
   * the caller, as a header that is missed would give away the others.
   */
  async schemas(): Promise<Schemas> {
    const token = getAccessToken();
    const tools = this.current();
    const exists = await Promise.all(
      tools.map(async (tool) => this.access.exists(tool, token)),
    );
    return new Map(
      tools
        .filter((_tool, index) => exists[index])
        .map(({ name, definition }) => [name, definition.inputSchema]),
    );
  }

  private current(): readonly Tool[] {
    const { definitions } = this.registry;
    if (this.known !== definitions) {
      this.known = definitions;
      this.tools = [...this.registry.all].filter(({ definition }) =>
        declaresHeaders(definition.inputSchema),
      );
    }
    return this.tools;
  }
}

/**
 * The SDK compares headers with arguments for this class alone. It serves as
 * the shell of a low-level server, whose handlers replace its own.
 */
export class ParamCheckedServer extends McpServer {
  constructor(
    identity: Implementation,
    options: ServerOptions,
    private readonly schemas: Schemas,
  ) {
    super(identity, options);
  }

  /** Called by the SDK's HTTP handler before a tool is. */
  override toolInputSchemaJson(
    name: string,
  ): Record<string, unknown> | undefined {
    return this.schemas.get(name);
  }
}
