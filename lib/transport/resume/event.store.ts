import { shown } from '../../options/option-values.js';

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
   * Whether all instances of the application see what is kept here, so that any
   * of them can serve any session, and a restart loses none. A store that says
   * so has {@link setState} and {@link stateOf}.
   * @default false
   */
  get isShared(): boolean {
    return false;
  }

  /**
   * Notes whom a session belongs to. Called again and again while it lives.
   *
   * @param owner opaque; only ever compared
   * @param lifetime milliseconds until the session may be forgotten, with its state
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

  /**
   * Keeps one entry of what an instance has to know that takes the session up.
   * Entries are set one by one, as several instances may do so at once.
   *
   * @param value JSON; undefined removes the entry
   * @param lifetime as of {@link keep}, which prolongs it
   */
  setState(
    _session: string,
    _name: string,
    _value: unknown,
    _lifetime: number,
  ): Promise<void> {
    return Promise.reject(new Error('This event store keeps no state'));
  }

  /** The entries of {@link setState} by name; none for a session that is unknown. */
  stateOf(_session: string): Promise<ReadonlyMap<string, unknown>> {
    return Promise.reject(new Error('This event store keeps no state'));
  }

  /** Drops a session, its state and its events; an unknown one is no error. */
  abstract forget(session: string): Promise<void>;
}

/**
 * Checks an option of a store.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function checkLimit(store: string, option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(
      `${store}: ${option} is ${shown(value)}. Write a whole number above 0.`,
    );
  }
}
