/** Bytes that events may have. */
export interface EventSizeLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly maxOwnerBytes: number;
  readonly maxTotalBytes: number;
}

interface SessionSizes {
  owner: string | undefined;
  /** Bytes of each event, the oldest first. */
  readonly sizes: number[];
  bytes: number;
  /** Milliseconds since the epoch. */
  lastAt: number;
}

/** What there is room for. */
export interface Room {
  /** How many of the session's latest events may stay, the new one among them. */
  readonly keep: number;
  /** Other sessions whose events have to go. */
  readonly drop: readonly string[];
}

/**
 * Counts the bytes of the events that this process keeps elsewhere: a session
 * is served, and its events are kept, by one process alone.
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
        sizes: [],
        bytes: 0,
        lastAt: Date.now(),
      });
    }
  }

  /** Counts one more event, and says what has to go for it. */
  add(session: string, bytes: number): Room {
    this.dropExpired();
    const known = this.sessions.get(session) ?? {
      owner: undefined,
      sizes: [],
      bytes: 0,
      lastAt: 0,
    };
    known.lastAt = Date.now();
    // Written anew, so that the order is that of the last event.
    this.sessions.delete(session);
    this.sessions.set(session, known);
    known.sizes.push(bytes);
    known.bytes += bytes;
    this.count(known, bytes);
    while (
      known.sizes.length > this.limits.maxEvents ||
      known.bytes > this.limits.maxBytes
    ) {
      this.dropOldest(known);
    }
    return { drop: this.makeRoom(known), keep: known.sizes.length };
  }

  forget(session: string): void {
    const known = this.sessions.get(session);
    if (known) {
      this.count(known, -known.bytes);
      this.sessions.delete(session);
    }
  }

  /** Silent sessions give way first, then the session's own oldest events. */
  private makeRoom(current: SessionSizes): string[] {
    const dropped: string[] = [];
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
        other.sizes.length = other.bytes = 0;
        dropped.push(session);
      }
    }
    while (current.sizes.length > 0 && (isOver() || isOwnerOver())) {
      this.dropOldest(current);
    }
    return dropped;
  }

  private dropOldest(known: SessionSizes): void {
    const bytes = known.sizes.shift() ?? 0;
    known.bytes -= bytes;
    this.count(known, -bytes);
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
