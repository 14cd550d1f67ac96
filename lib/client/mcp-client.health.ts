import { Injectable } from '@nestjs/common';
import { checkOptions, type OptionKeys } from '../options/option-keys.js';
import { McpClients } from './mcp-clients.js';

/** How a server is looked at. @publicApi */
export interface McpClientHealthOptions {
  /** Milliseconds to wait. @default 1000 */
  readonly timeout?: number;
}

const HEALTH_KEYS: OptionKeys<McpClientHealthOptions> = { timeout: true };

/** The state of one server, as `@nestjs/terminus` has it. @publicApi */
export type McpClientHealth<Key extends string = string> = Readonly<
  Record<Key, { readonly status: 'up' | 'down'; readonly message?: string }>
>;

/**
 * Tells `@nestjs/terminus` whether servers can be called:
 *
 * ```ts
 * @Get()
 * @HealthCheck()
 * check() {
 *   return this.health.check([() => this.mcp.pingCheck('billing')]);
 * }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class McpClientHealthIndicator {
  constructor(private readonly clients: McpClients) {}

  /**
   * Connects, where there is no connection yet, and asks whether the server is there.
   *
   * @param server name of the server, and key of the result
   * @throws Error where there is no such server
   */
  async pingCheck<Key extends string>(
    server: Key,
    options: McpClientHealthOptions = {},
  ): Promise<McpClientHealth<Key>> {
    checkOptions('pingCheck(server, …)', options, HEALTH_KEYS);
    const client = this.clients.get(server);
    const { timeout = 1000 } = options;
    try {
      await client.ping({ timeout, signal: AbortSignal.timeout(timeout) });
      return of(server, { status: 'up' });
    } catch (error) {
      return of(server, {
        status: 'down',
        // By its name: messages of servers do not belong on a page of health.
        message: (error as Error).name,
      });
    }
  }
}

function of<Key extends string>(
  key: Key,
  state: McpClientHealth[string],
): McpClientHealth<Key> {
  return { [key]: state } as McpClientHealth<Key>;
}
