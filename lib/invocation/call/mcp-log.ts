import type { LoggingLevel, ServerEvent } from '@modelcontextprotocol/server';

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

type Write = (
  level: LoggingLevel,
  data: unknown,
  logger?: string,
) => Promise<void>;

/**
 * Log messages for the client, which says what it wants to see: by
 * `logging/setLevel` in the 2025 era, with each request in the 2026 one. No
 * substitute for the application's own log, and no place for secrets.
 *
 * Each method takes any JSON value, and the name of what logs. Its promise
 * resolves when the client has room for more, and never rejects: whoever logs
 * much awaits it, as what a client does not read is left out in the end.
 *
 * @publicApi
 */
export class McpLog {
  constructor(private readonly write: Write) {}

  debug(data: unknown, logger?: string): Promise<void> {
    return this.write('debug', data, logger);
  }

  info(data: unknown, logger?: string): Promise<void> {
    return this.write('info', data, logger);
  }

  notice(data: unknown, logger?: string): Promise<void> {
    return this.write('notice', data, logger);
  }

  warning(data: unknown, logger?: string): Promise<void> {
    return this.write('warning', data, logger);
  }

  error(data: unknown, logger?: string): Promise<void> {
    return this.write('error', data, logger);
  }

  critical(data: unknown, logger?: string): Promise<void> {
    return this.write('critical', data, logger);
  }

  alert(data: unknown, logger?: string): Promise<void> {
    return this.write('alert', data, logger);
  }

  emergency(data: unknown, logger?: string): Promise<void> {
    return this.write('emergency', data, logger);
  }
}
