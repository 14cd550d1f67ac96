import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
} from '@modelcontextprotocol/server';
import type { McpServerEvent } from '../events/server-event-bus.js';
import { LIMIT_REACHED } from './subscription.limit.js';

/** Resources that one session may be told of. */
const MAX_URIS = 100;

/**
 * What the client of one session is told without having asked: that lists have
 * changed, and resources that it has subscribed to (MCP 2025-11-25, Resources,
 * "Subscriptions").
 */
export class SessionSubscriptions {
  private readonly uris = new Set<string>();
  private giveBack: (() => void) | undefined;

  /** @param take counts this session among those of its caller; undefined where there are too many */
  constructor(
    private readonly server: Server,
    private readonly take: () => (() => void) | undefined,
  ) {}

  /** @throws ProtocolError -32603 where there are too many */
  add(uri: string): void {
    if (this.uris.has(uri)) {
      return;
    }
    this.giveBack ??= this.take();
    if (!this.giveBack || this.uris.size >= MAX_URIS) {
      throw new ProtocolError(ProtocolErrorCode.InternalError, LIMIT_REACHED);
    }
    this.uris.add(uri);
  }

  delete(uri: string): void {
    this.uris.delete(uri);
    if (this.uris.size === 0) {
      this.end();
    }
  }

  has(uri: string): boolean {
    return this.uris.has(uri);
  }

  end(): void {
    this.uris.clear();
    this.giveBack?.();
    this.giveBack = undefined;
  }

  /** Nobody waits for it, and where no stream is open it is kept or lost. */
  tell(event: McpServerEvent): void {
    this.send(event).catch(() => undefined);
  }

  private async send(event: McpServerEvent): Promise<void> {
    switch (event.kind) {
      case 'tools_list_changed':
        return this.server.sendToolListChanged();
      case 'prompts_list_changed':
        return this.server.sendPromptListChanged();
      case 'resources_list_changed':
        return this.server.sendResourceListChanged();
      default:
        return this.server.sendResourceUpdated({ uri: event.uri });
    }
  }
}
