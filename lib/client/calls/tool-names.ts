import type { Tool } from '@modelcontextprotocol/client';
import type { McpClientToolOptions } from '../config/client-options.interface.js';
import { McpCallError } from '../client.errors.js';

/** Which tools of a server are called, and what they are called here. */
export class ToolNames {
  private readonly prefix: string;

  constructor(
    private readonly server: string,
    private readonly options: McpClientToolOptions = {},
  ) {
    this.prefix = options.prefix ?? '';
  }

  /** The tools that may be called, by the names that they have here. */
  shown(tools: readonly Tool[]): Tool[] {
    return tools
      .filter(({ name }) => this.admits(name))
      .map((tool) => ({ ...tool, name: `${this.prefix}${tool.name}` }));
  }

  /**
   * The server's own name of a tool.
   *
   * @throws McpCallError for one that may not be called
   */
  own(name: string): string {
    const own = name.slice(this.prefix.length);
    if (!name.startsWith(this.prefix) || !this.admits(own)) {
      throw new McpCallError(
        this.server,
        `the tool "${name}" is left out by the option tools`,
      );
    }
    return own;
  }

  private admits(name: string): boolean {
    const { include, exclude } = this.options;
    return (
      (include === undefined || include.includes(name)) &&
      !exclude?.includes(name)
    );
  }
}
