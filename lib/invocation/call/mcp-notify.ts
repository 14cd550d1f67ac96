import type { ServerEvent } from '@modelcontextprotocol/server';

/**
 * Tells clients that something has changed: those that listen, on every
 * instance of the application, as far as they may see it.
 *
 * @publicApi
 */
export class McpNotify {
  constructor(private readonly publish: (event: ServerEvent) => void) {}

  toolsChanged(): void {
    this.publish({ kind: 'tools_list_changed' });
  }

  promptsChanged(): void {
    this.publish({ kind: 'prompts_list_changed' });
  }

  resourcesChanged(): void {
    this.publish({ kind: 'resources_list_changed' });
  }

  /** @param uri of the resource whose content has changed */
  resourceUpdated(uri: string): void {
    this.publish({ kind: 'resource_updated', uri });
  }
}
