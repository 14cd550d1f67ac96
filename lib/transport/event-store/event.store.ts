/** A message of a stream, as it was kept. @publicApi */
export interface StoredEvent {
  /** Value of the event's `id` field. */
  readonly id: string;
  /** A JSON-RPC message; without members for the event that opens a stream. */
  readonly message: unknown;
}

/** What came after an event, on the same stream. @publicApi */
export interface StreamReplay {
  readonly stream: string;
  /** In the order of appending, at most the latest that are kept. */
  readonly events: readonly StoredEvent[];
  /** The last event looked at, of whichever stream: where to go on from. */
  readonly position: string;
}

/**
 * Keeps what legacy sessions have sent, so that a client whose connection broke
 * can resume (MCP 2025-11-25, Transports, "Resumability and Redelivery"): the
 * contract, and the injection token, of every store. Provide one in any module,
 * by `{ provide: EventStore, useValue: … }`.
 *
 * A message that cannot be kept is delivered nevertheless: what fails here
 * costs resumption only.
 *
 * @publicApi
 */
export abstract class EventStore {
  /**
   * Notes whom a session belongs to. Called again and again while it lives.
   *
   * @param owner opaque; only ever compared
   * @param lifetime milliseconds until the session may be forgotten
   */
  abstract keep(
    session: string,
    owner: string,
    lifetime: number,
  ): Promise<void>;

  /** @returns undefined for a session that is unknown, forgotten or expired */
  abstract ownerOf(session: string): Promise<string | undefined>;

  /**
   * Keeps a message of a stream.
   *
   * @returns the id of the event, visible ASCII, unique in the session
   */
  abstract append(
    session: string,
    stream: string,
    message: unknown,
  ): Promise<string>;

  /**
   * What the stream of an event has sent since. Must look at events of this
   * session only, as ids are not secret.
   *
   * @param after an event's id, as a client sent it
   * @param stream given where it is known: `after` is then a position, and need
   * be no event of that stream
   * @returns undefined for an id that is unknown, or kept no more
   */
  abstract replay(
    session: string,
    after: string,
    stream?: string,
  ): Promise<StreamReplay | undefined>;

  /** Drops a session and its events; an unknown one is no error. */
  abstract forget(session: string): Promise<void>;
}
