import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AccessToken } from '../../auth/token/access-token.js';
import type { McpServerEvent } from './server-event-bus.js';

/** Decides whether a caller may hear of something. */
export interface Audience {
  includes(
    event: McpServerEvent,
    token: AccessToken | null,
  ): boolean | Promise<boolean>;
}

/**
 * One listener and whom it speaks to: hears what that caller may know, in the
 * order in which it happened. While the listener has no time for more, events
 * of one list, or of one resource, become one.
 */
export class EventSubscriber {
  private isOver = false;
  private isBusy = false;
  private readonly waiting = new Map<string, McpServerEvent>();

  /**
   * @param caller who listens, by the latest token; null where that is nobody in particular
   * @param drained resolves when the listener has time for more
   */
  constructor(
    private readonly listener: (event: McpServerEvent) => void,
    private readonly caller: () => AccessToken | null,
    private readonly audience: Audience,
    private readonly drained: () => Promise<void> = () => Promise.resolve(),
  ) {}

  hear(event: McpServerEvent): void {
    if (this.isOver) {
      return;
    }
    if (this.isBusy) {
      const key = keyOf(event);
      this.waiting.set(key, merge(this.waiting.get(key), event));
      return;
    }
    const told = this.tell(event);
    if (told !== false) {
      this.isBusy = true;
      void this.tellOn(told);
    }
  }

  end(): void {
    this.isOver = true;
    this.waiting.clear();
  }

  /** Goes on with what has come in the meantime, one after another. */
  private async tellOn(first: boolean | Promise<boolean>): Promise<void> {
    let told: boolean | Promise<boolean> | undefined = first;
    while (told !== undefined && !this.isOver) {
      if (told === true || (await told)) {
        // What was told reaches the stream in this turn, which then knows its room.
        await nextTurn();
        await this.drained();
      }
      const event = this.next();
      told = event && this.tell(event);
    }
    this.isBusy = false;
  }

  /** Returns whether the listener was told. */
  private tell(event: McpServerEvent): boolean | Promise<boolean> {
    const token = this.caller();
    if (token?.isExpired()) {
      return false;
    }
    const included = this.audience.includes(event, token);
    return typeof included === 'boolean'
      ? this.deliver(event, included, token)
      : included.then(
          (decided) => this.deliver(event, decided, token),
          // Nobody is told what nobody could decide on.
          () => false,
        );
  }

  private next(): McpServerEvent | undefined {
    for (const [key, event] of this.waiting) {
      this.waiting.delete(key);
      return event;
    }
    return undefined;
  }

  private deliver(
    event: McpServerEvent,
    included: boolean,
    token: AccessToken | null,
  ): boolean {
    const isTold = included && !this.isOver && !token?.isExpired();
    if (isTold) {
      this.listener(event);
    }
    return isTold;
  }
}

function keyOf(event: McpServerEvent): string {
  return event.kind === 'resource_updated'
    ? `${event.kind} ${event.uri}`
    : event.kind;
}

/** The later of two events, of all that either names. */
function merge(
  earlier: McpServerEvent | undefined,
  later: McpServerEvent,
): McpServerEvent {
  if (!earlier || later.kind === 'resource_updated') {
    return later;
  }
  const { names: _, ...rest } = later;
  return earlier.names && later.names
    ? { ...rest, names: [...new Set([...earlier.names, ...later.names])] }
    : rest;
}
