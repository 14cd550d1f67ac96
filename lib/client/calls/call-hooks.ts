import { Logger } from '@nestjs/common';
import type {
  McpClientCall,
  McpClientHookOptions,
} from '../config/client-options.interface.js';

const logger = new Logger('McpClient');

/** What the application has run around every call of a server's tools. */
export class CallHooks {
  constructor(
    private readonly server: string,
    private readonly hooks: McpClientHookOptions = {},
  ) {}

  /** @throws what the hook before the call throws, or the call */
  async around<T>(
    tool: string,
    args: Readonly<Record<string, unknown>>,
    make: () => Promise<T>,
  ): Promise<T> {
    const { before, after } = this.hooks;
    if (!before && !after) {
      return make();
    }
    const call: McpClientCall = { server: this.server, tool, arguments: args };
    await before?.(call);
    const started = performance.now();
    let error: unknown;
    try {
      return await make();
    } catch (cause) {
      error = cause;
      throw cause;
    } finally {
      const duration = performance.now() - started;
      try {
        await after?.({ ...call, duration, error });
      } catch (failure) {
        logger.error(
          `hooks.after of the MCP server "${this.server}" failed`,
          failure instanceof Error ? failure.stack : undefined,
        );
      }
    }
  }
}
