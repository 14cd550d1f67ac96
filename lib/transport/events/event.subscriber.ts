import type { AccessToken } from '../../auth/access-token.js';
import type { McpServerEvent } from './server-event-bus.js';

/** Decides whether a caller may hear of something. */
export interface Audience {
  includes(
    event: McpServerEvent,
    token: AccessToken | null,
  ): boolean | Promise<boolean>;
}

/** One listener and whom it speaks to: hears what that caller may know, in the order in which it happened. */
export class EventSubscriber {
  private isOver = false;
  /** The decision under way that the next must wait for. */
  private last: Promise<void> | undefined;

  /** @param caller who listens, by the latest token; null where that is nobody in particular */
  constructor(
    private readonly listener: (event: McpServerEvent) => void,
    private readonly caller: () => AccessToken | null,
    private readonly audience: Audience,
  ) {}

  hear(event: McpServerEvent): void {
    const token = this.caller();
    if (this.isOver || token?.isExpired()) {
      return;
    }
    const included = this.audience.includes(event, token);
    if (typeof included === 'boolean' && this.last === undefined) {
      this.deliver(event, included, token);
      return;
    }
    const previous = this.last ?? Promise.resolve();
    const next = Promise.all([included, previous]).then(
      ([decided]) => this.deliver(event, decided, token),
      // Nobody is told what nobody could decide on.
      () => undefined,
    );
    this.last = next;
    void next.then(() => {
      if (this.last === next) {
        this.last = undefined;
      }
    });
  }

  end(): void {
    this.isOver = true;
  }

  private deliver(
    event: McpServerEvent,
    included: boolean,
    token: AccessToken | null,
  ): void {
    if (included && !this.isOver && !token?.isExpired()) {
      this.listener(event);
    }
  }
}
