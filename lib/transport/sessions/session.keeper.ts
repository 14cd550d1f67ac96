import { Logger } from '@nestjs/common';
import type { EventStore } from '../resume/event.store.js';
import { SessionEvents } from '../resume/session-events.js';
import type { LegacySession } from './legacy-session.js';
import {
  isTooLarge,
  type SessionState,
  type StateChange,
} from './legacy-session.js';

/** Tells the store of sessions, as other instances know them from there alone. */
export class SessionKeeper {
  private readonly logger = new Logger('McpSessions');

  constructor(
    private readonly store: () => EventStore,
    private readonly instance: string,
    private readonly idleTimeout: number,
  ) {}

  /** The events of a session. */
  eventsOf(id: string): SessionEvents {
    return new SessionEvents(this.store(), id, this.instance, (error) =>
      this.report('keep an event', error),
    );
  }

  /** Says that a session lives, where that has not been said of late. */
  async keep(session: LegacySession, state: SessionState): Promise<void> {
    if (Date.now() - session.lastKept < this.idleTimeout / 3) {
      return;
    }
    session.lastKept = Date.now();
    const store = this.store();
    try {
      const isLost =
        store.isShared && (await store.ownerOf(session.id)) === undefined;
      await store.keep(session.id, session.owner, this.lifetime);
      if (isLost) {
        // It is new, or the store has begun anew.
        for (const change of state) {
          await this.setState(session.id, change);
        }
      }
    } catch (error) {
      this.report('keep a session', error);
    }
  }

  /** Keeps what another instance has to know that serves the session. */
  async setState(id: string, change: StateChange): Promise<void> {
    if (isTooLarge(change)) {
      this.report('keep the state of a session', 'it is too large');
      return;
    }
    try {
      await this.store().setState(id, ...change, this.lifetime);
    } catch (error) {
      this.report('keep the state of a session', error);
    }
  }

  /** @throws Error where the store cannot say */
  ownerOf(id: string): Promise<string | undefined> {
    return this.store().ownerOf(id);
  }

  /** @throws Error where the store cannot say */
  stateOf(id: string): Promise<SessionState> {
    return this.store().stateOf(id);
  }

  async forget(id: string): Promise<void> {
    try {
      await this.store().forget(id);
    } catch (error) {
      this.report('forget a session', error);
    }
  }

  report(what: string, error: unknown): void {
    this.logger.warn(`The event store could not ${what}: ${String(error)}`);
  }

  private get lifetime(): number {
    return this.idleTimeout * 2;
  }
}
