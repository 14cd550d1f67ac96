import {
  InMemoryServerEventBus,
  type ServerEvent,
} from '@modelcontextprotocol/server';

/** Something a server tells those who listen: JSON, to be carried as it is. @publicApi */
export type McpServerEvent = ServerEvent & {
  /** Names of what was added, changed or removed, where they are known: who may see none of it is not told. */
  readonly names?: readonly string[];
  /** Which server of the application it is of; of all, where left out. */
  readonly server?: string;
};

/**
 * Between instances alone: something of a session has changed in the `EventStore`
 * that they share. It says where to look, and nothing that is acted upon, as
 * whoever reaches the bus can publish it. @publicApi
 */
export interface McpSessionEvent {
  readonly kind: 'session_changed';
  /** Id of the session. */
  readonly session: string;
  /** Which instance says so. */
  readonly from: string;
  /** Id of the event in the store that a message for other instances comes after. */
  readonly after?: string;
  /** As of {@link McpServerEvent}. */
  readonly server?: string;
}

/**
 * Carries what changes from where it is noticed to those who listen:
 * `subscriptions/listen`, and the sessions of the 2025 era. The default reaches
 * the listeners of its own process; provide another where there are several
 * instances, in any module:
 *
 * ```ts
 * { provide: ServerEventBus, useFactory: () => new RedisServerEventBus({ client }) }
 * ```
 *
 * @publicApi
 */
export abstract class ServerEventBus {
  /** Tells every listener, on every instance. Never throws, and does not wait. */
  abstract publish(event: McpServerEvent | McpSessionEvent): void;
  /** Calls the listener with every event from now on; returns how to stop. */
  abstract subscribe(
    listener: (event: McpServerEvent | McpSessionEvent) => void,
  ): () => void;
}

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
