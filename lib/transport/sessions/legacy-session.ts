import type { AccessToken } from '../../auth/access-token.js';
import type { RequestId, Server } from '@modelcontextprotocol/server';
import type { SessionCaller } from './session-caller.js';

/** One session of a legacy client, on this instance. */
export class LegacySession {
  /** When it was last in use, in milliseconds since the epoch. */
  lastUsed = Date.now();
  /** When the event store last heard of it, likewise. */
  lastKept = 0;
  /** The token of the latest request; null where its sender is anonymous. */
  token: AccessToken | null;
  readonly owner: string;
  readonly quota: string;
  private exchanges = 0;
  private readonly calls = new Set<RequestId>();

  constructor(
    readonly id: string,
    /** The SDK's server that answers in this session, and can notify its client. */
    readonly server: Server,
    caller: SessionCaller,
  ) {
    this.owner = caller.owner;
    this.quota = caller.quota;
    this.token = caller.token;
  }

  /** Requests that have no response yet, whether or not anybody waits for it. */
  get runningCalls(): number {
    return this.calls.size;
  }

  /** Whether something is going on that a timeout must not end. */
  get isBusy(): boolean {
    return this.exchanges > 0 || this.calls.size > 0;
  }

  /** Notes an HTTP request under way; the result is to be called at its end. */
  begin(): () => void {
    this.exchanges += 1;
    let isOver = false;
    return () => {
      if (!isOver) {
        isOver = true;
        this.exchanges -= 1;
        this.lastUsed = Date.now();
      }
    };
  }

  /**
   * Notes calls that are to begin, all of them or none.
   *
   * @returns false where one has the id of a call that runs, or of another of them
   */
  reserve(ids: readonly RequestId[]): boolean {
    if (
      new Set(ids).size < ids.length ||
      ids.some((id) => this.calls.has(id))
    ) {
      return false;
    }
    for (const id of ids) {
      this.calls.add(id);
    }
    return true;
  }

  /** Forgets calls that have not begun after all. */
  release(ids: readonly RequestId[]): void {
    for (const id of ids) {
      this.calls.delete(id);
    }
  }

  isRunning(id: RequestId): boolean {
    return this.calls.has(id);
  }

  noteCall(id: RequestId): void {
    this.calls.add(id);
  }

  noteAnswer(id: RequestId): void {
    this.lastUsed = Date.now();
    this.calls.delete(id);
  }
}
