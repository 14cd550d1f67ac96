import {
  InMemoryServerEventBus,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import {
  type McpServerEvent,
  type McpSessionEvent,
  ServerEventBus,
} from './server-event-bus.js';

/** Reaches the listeners of one process. @publicApi */
export class MemoryServerEventBus extends ServerEventBus {
  private readonly bus = new InMemoryServerEventBus();

  publish(event: McpServerEvent | McpSessionEvent): void {
    this.bus.publish(event as ServerEvent);
  }

  subscribe(
    listener: (event: McpServerEvent | McpSessionEvent) => void,
  ): () => void {
    return this.bus.subscribe(listener as (event: ServerEvent) => void);
  }
}
