import {
  InMemoryServerEventBus,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import { type McpServerEvent, ServerEventBus } from './server-event-bus.js';

/** Reaches the listeners of one process. @publicApi */
export class MemoryServerEventBus extends ServerEventBus {
  private readonly bus = new InMemoryServerEventBus();

  publish(event: McpServerEvent): void {
    this.bus.publish(event);
  }

  subscribe(listener: (event: McpServerEvent) => void): () => void {
    return this.bus.subscribe(listener as (event: ServerEvent) => void);
  }
}
