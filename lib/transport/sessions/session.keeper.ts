import { Logger } from '@nestjs/common';
import type { EventStore } from '../event-store/event.store.js';
import { SessionEvents } from '../event-store/session-events.js';
import type { LegacySession } from './legacy-session.js';

/** Tells the store of sessions, as other instances know them from there alone. */
export class SessionKeeper {
  private readonly logger = new Logger('McpSessions');

  constructor(
    private readonly store: () => EventStore,
    private readonly idleTimeout: number,
  ) {}

  /** The events of a session. */
  eventsOf(id: string): SessionEvents {
    return new SessionEvents(this.store(), id, (error) =>
      this.report('keep an event', error),
    );
  }

  /** Says that a session lives, where that has not been said of late. */
  async keep(session: LegacySession): Promise<void> {
    if (Date.now() - session.lastKept < this.idleTimeout / 3) {
      return;
    }
    session.lastKept = Date.now();
    try {
      const lifetime = this.idleTimeout * 2;
      await this.store().keep(session.id, session.owner, lifetime);
    } catch (error) {
      this.report('keep a session', error);
    }
  }

  async forget(id: string): Promise<void> {
    try {
      await this.store().forget(id);
    } catch (error) {
      this.report('forget a session', error);
    }
  }

  private report(what: string, error: unknown): void {
    this.logger.warn(`The event store could not ${what}: ${String(error)}`);
  }
}
