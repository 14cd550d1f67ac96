/** Bytes that events may have. */
export interface EventSizeLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxOwnerBytes: number;
  readonly maxTotalBytes: number;
}

interface SizedEvent {
  readonly id: string;
  readonly bytes: number;
}

interface SessionSizes {
  owner: string | undefined;
  /** The oldest first. */
  events: SizedEvent[];
  bytes: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

/** Events of a session that have to go. */
interface Surplus {
  readonly session: string;
  /** One or more. */
  readonly ids: readonly string[];
}

/**
 * Counts the bytes of the events that this process keeps elsewhere. Others may
 * keep events of the same sessions, and count those themselves.
 */
export class EventSizes {
  /** The session that has been silent for longest first. */
  private readonly sessions = new Map<string, SessionSizes>();
  private readonly owners = new Map<string, number>();
  private total = 0;

  /** @param lifetime milliseconds after which events are gone by themselves */
  constructor(
    private readonly limits: EventSizeLimits,
    private readonly lifetime: number,
  ) {}

  /** About how many bytes are kept. */
  get bytes(): number {
    return this.total;
  }

  /** Notes whom a session belongs to. */
  own(session: string, owner: string): void {
    const known = this.sessions.get(session);
    if (known && known.owner === undefined) {
      this.count(known, -known.bytes);
      known.owner = owner;
      this.count(known, known.bytes);
    } else if (!known) {
      this.sessions.set(session, {
        owner,
        events: [],
        bytes: 0,
        lastAt: Date.now(),
      });
    }
  }

  /** Whether it is known whom a session belongs to; no more once it was silent for long. */
  isOwned(session: string): boolean {
    this.dropExpired();
    return this.sessions.get(session)?.owner !== undefined;
  }

  /** Counts one more event, and says what has to go for it. */
  add(session: string, event: SizedEvent): Surplus[] {
    this.dropExpired();
    const known = this.sessions.get(session) ?? {
      owner: undefined,
      events: [],
      bytes: 0,
      lastAt: 0,
    };
    known.lastAt = Date.now();
    // Written anew, so that the order is that of the last event.
    this.sessions.delete(session);
    this.sessions.set(session, known);
    known.events.push(event);
    known.bytes += event.bytes;
    this.count(known, event.bytes);
    if (known.events.length > this.limits.maxEvents) {
      // The storage has dropped it by itself.
      this.dropOldest(known);
    }
    const ids: string[] = [];
    while (known.bytes > this.limits.maxBytes) {
      ids.push(this.dropOldest(known));
    }
    const others = this.makeRoom(known, ids);
    return ids.length > 0 ? [...others, { session, ids }] : others;
  }

  forget(session: string): void {
    const known = this.sessions.get(session);
    if (known) {
      this.count(known, -known.bytes);
      this.sessions.delete(session);
    }
  }

  /** Silent sessions give way first, then the session's own oldest events. */
  private makeRoom(current: SessionSizes, ids: string[]): Surplus[] {
    const dropped: Surplus[] = [];
    const isOver = () => this.total > this.limits.maxTotalBytes;
    const isOwnerOver = () =>
      this.bytesOf(current.owner) > this.limits.maxOwnerBytes;
    for (const [session, other] of this.sessions) {
      if (!isOver() && !isOwnerOver()) {
        break;
      }
      const counts = isOver() || other.owner === current.owner;
      if (other !== current && other.bytes > 0 && counts) {
        this.count(other, -other.bytes);
        dropped.push({ session, ids: other.events.map(({ id }) => id) });
        other.events = [];
        other.bytes = 0;
      }
    }
    while (current.events.length > 0 && (isOver() || isOwnerOver())) {
      ids.push(this.dropOldest(current));
    }
    return dropped;
  }

  /** Returns its id. */
  private dropOldest(known: SessionSizes): string {
    const { id = '', bytes = 0 } = known.events.shift() ?? {};
    known.bytes -= bytes;
    this.count(known, -bytes);
    return id;
  }

  private dropExpired(): void {
    const oldest = Date.now() - this.lifetime;
    for (const [session, { lastAt }] of this.sessions) {
      if (lastAt > oldest) {
        return;
      }
      this.forget(session);
    }
  }

  private bytesOf(owner: string | undefined): number {
    return owner === undefined ? 0 : (this.owners.get(owner) ?? 0);
  }

  private count({ owner }: SessionSizes, bytes: number): void {
    this.total += bytes;
    if (owner !== undefined) {
      const left = this.bytesOf(owner) + bytes;
      if (left > 0) {
        this.owners.set(owner, left);
      } else {
        this.owners.delete(owner);
      }
    }
  }
}
