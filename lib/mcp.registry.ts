import { Injectable } from '@nestjs/common';
import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import { ToolLoader } from './tools/tool.loader.js';
import { ToolRegistry } from './tools/tool.registry.js';

/**
 * What one MCP server offers. Exported by the module that `forRoot` makes.
 *
 * @publicApi
 */
@Injectable()
export class McpRegistry {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly loader: ToolLoader,
  ) {}

  /** The tools as clients see them in `tools/list`, ordered by name. */
  get tools(): readonly ToolDefinition[] {
    return this.registry.definitions;
  }

  /**
   * Scans the application again, for providers that were loaded since, and
   * tells subscribed clients if the list of tools has changed.
   *
   * @throws Error where a name or a schema cannot be; the old list then stays
   */
  async refresh(): Promise<void> {
    await this.loader.load();
  }
}
