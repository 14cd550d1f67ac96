import type { Overload } from '../request/request-refusals.js';
import type { LegacySession } from './legacy-session.js';
import type { SessionCaller } from '../request/session-caller.js';
import type { SessionSettings } from './session-settings.js';

/** How often sessions are looked through, at most and at least, in milliseconds. */
const SWEEPS = { shortest: 25, longest: 30_000 };

/**
 * The sessions of one server on this instance: bounded, and ended when idle.
 * In the order of use, so that the first is the one unused for longest.
 */
export class SessionRegistry {
  private readonly sessions = new Map<string, LegacySession>();
  private readonly byQuota = new Map<string, Set<LegacySession>>();
  private readonly sweeper: NodeJS.Timeout;

  /**
   * To be made outside of any request, as a timer keeps its context alive.
   *
   * @param onAlive told now and then of a session that lives
   */
  constructor(
    private readonly settings: SessionSettings,
    private readonly end: (session: LegacySession) => void,
    private readonly onAlive: (session: LegacySession) => void,
  ) {
    this.sweeper = setInterval(
      () => this.sweep(),
      Math.min(
        Math.max(settings.idleTimeout / 4, SWEEPS.shortest),
        SWEEPS.longest,
      ),
    ).unref();
  }

  get size(): number {
    return this.sessions.size;
  }

  /** Requests of all sessions that have no response yet. */
  get runningCalls(): number {
    let count = 0;
    for (const session of this.sessions.values()) {
      count += session.runningCalls;
    }
    return count;
  }

  all(): LegacySession[] {
    return [...this.sessions.values()];
  }

  /** Whosever it is. */
  get(id: string): LegacySession | undefined {
    return this.sessions.get(id);
  }

  /** Undefined for another's session as for one that there is not. */
  find(id: string, owner: string): LegacySession | undefined {
    const session = this.sessions.get(id);
    return session?.owner === owner ? session : undefined;
  }

  /** Makes the session the one used last. */
  use(session: LegacySession): void {
    session.lastUsed = Date.now();
    const siblings = this.byQuota.get(session.quota);
    if (this.sessions.delete(session.id)) {
      this.sessions.set(session.id, session);
      siblings?.delete(session);
      siblings?.add(session);
    }
  }

  /**
   * Ends idle sessions where there is no room for one more: those of anonymous
   * callers first, and for an anonymous caller no others.
   */
  makeRoom({ quota, token }: SessionCaller): Overload | undefined {
    const siblings = this.byQuota.get(quota);
    if (
      siblings &&
      siblings.size >= this.settings.maxPerUser &&
      !this.endIdle(siblings)
    ) {
      return 'user';
    }
    return this.sessions.size >= this.settings.max &&
      !this.endIdle(this.sessions.values(), isAnonymous) &&
      !(token && this.endIdle(this.sessions.values()))
      ? 'server'
      : undefined;
  }

  add(session: LegacySession): void {
    this.sessions.set(session.id, session);
    const siblings = this.byQuota.get(session.quota) ?? new Set();
    this.byQuota.set(session.quota, siblings.add(session));
  }

  remove(session: LegacySession): void {
    this.sessions.delete(session.id);
    const siblings = this.byQuota.get(session.quota);
    siblings?.delete(session);
    if (siblings?.size === 0) {
      this.byQuota.delete(session.quota);
    }
  }

  stop(): void {
    clearInterval(this.sweeper);
  }

  private endIdle(
    candidates: Iterable<LegacySession>,
    mayEnd: (session: LegacySession) => boolean = () => true,
  ): boolean {
    for (const session of candidates) {
      if (!session.isBusy && mayEnd(session)) {
        this.remove(session);
        this.end(session);
        return true;
      }
    }
    return false;
  }

  private sweep(): void {
    const oldest = Date.now() - this.settings.idleTimeout;
    for (const session of this.all()) {
      if (session.isBusy || session.lastUsed > oldest) {
        this.onAlive(session);
      } else {
        this.remove(session);
        this.end(session);
      }
    }
  }
}

function isAnonymous({ token }: LegacySession): boolean {
  return token === null;
}
