import { Inject, Injectable } from '@nestjs/common';
import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import { SERVER_SETTINGS, type ServerSettings } from './server-settings.js';
import { EndpointAddress } from './transport/endpoint.address.js';
import { ToolLoader } from './tools/tool.loader.js';
import { ToolRegistry } from './tools/tool.registry.js';

/**
 * What one MCP server offers. Inject it anywhere; where the application has
 * several servers, `app.get(McpRegistry, { each: true })` gives them all, to be
 * told apart by `name` or `path`.
 *
 * @publicApi
 */
@Injectable()
export class McpRegistry {
  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly address: EndpointAddress,
    private readonly registry: ToolRegistry,
    private readonly loader: ToolLoader,
  ) {}

  /** Name of the server. */
  get name(): string {
    return this.settings.name;
  }

  /** Full path of the endpoint, global prefix included; empty before the application is initialised. */
  get path(): string {
    return this.address.path;
  }

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
