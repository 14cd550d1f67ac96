import type {
  JSONRPCRequest,
  RequestId,
  Server,
} from '@modelcontextprotocol/server';
import type { AccessToken } from '../../auth/token/access-token.js';
import type { SessionCaller } from '../request/session-caller.js';

/** Entries by name, as they are in the event store. */
export type SessionState = ReadonlyMap<string, unknown>;

/** One entry; undefined removes it. */
export type StateChange = readonly [name: string, value: unknown];

/** What a client asks for that lasts for its session. */
export interface LastingRequest {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** Entry of what the client sent with `initialize`. */
export const CLIENT = 'client';

/** Entry of the instance that tells the client what it has not asked for. */
export const SPEAKER = 'speaker';

const LEVEL = 'level';
const URI = 'uri:';

/** Characters that an entry may have; a larger one stays unknown to other instances. */
const MAX_LENGTH = 16_384;

/** What a request changes once it has succeeded; undefined for most. */
export function changeOf({
  method,
  params = {},
}: Pick<JSONRPCRequest, 'method' | 'params'>): StateChange | undefined {
  switch (method) {
    case 'initialize':
      return [CLIENT, params];
    case 'logging/setLevel':
      return [LEVEL, params['level']];
    case 'resources/subscribe':
      return [`${URI}${String(params['uri'])}`, true];
    case 'resources/unsubscribe':
      return [`${URI}${String(params['uri'])}`, undefined];
    default:
      return undefined;
  }
}

export function isTooLarge([name, value]: StateChange): boolean {
  return name.length + (JSON.stringify(value)?.length ?? 0) > MAX_LENGTH;
}

/** The requests that make of one state another, except `initialize`. */
export function requestsBetween(
  known: SessionState,
  latest: SessionState,
): LastingRequest[] {
  const requests: LastingRequest[] = [];
  for (const name of new Set([...known.keys(), ...latest.keys()])) {
    const value = latest.get(name);
    if (name === LEVEL && value !== known.get(name) && value !== undefined) {
      requests.push({ method: 'logging/setLevel', params: { level: value } });
    } else if (name.startsWith(URI) && latest.has(name) !== known.has(name)) {
      requests.push({
        method: `resources/${latest.has(name) ? '' : 'un'}subscribe`,
        params: { uri: name.slice(URI.length) },
      });
    }
  }
  return requests;
}

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
