import { Injectable } from '@nestjs/common';
import type { ServerCapabilities } from '@modelcontextprotocol/server';
import type { ServerFeature } from './server-feature.js';

/** `McpContext.log`; the SDK's server filters by level, and answers `logging/setLevel` (MCP, Logging). */
@Injectable()
export class LoggingFeature implements ServerFeature {
  capabilities(): ServerCapabilities {
    return { logging: {} };
  }

  install(): void {
    // Declared is installed.
  }
}
