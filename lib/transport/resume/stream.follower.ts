import { setTimeout as sleep } from 'node:timers/promises';
import { currentRequest } from '../request/endpoint-request.js';
import type { SessionCaller } from '../request/session-caller.js';
import { noRoom, sessionNotFound } from '../request/request-refusals.js';
import { endingWith, EVENT_STREAM, READY } from '../streams/event-stream.js';
import type { EventStore, StoredEvent } from './event.store.js';

/** Milliseconds between two looks into the store. */
const POLL = 250;
/** How many looks pass between two at whose the session is. */
const OWNER_EVERY = 20;

/** A stream of another instance, to be followed in the store. */
interface FollowedStream {
  readonly session: string;
  readonly owner: string;
  /** The last event that the client has received. */
  readonly after: string;
  /** Bytes that are read ahead of the client, about. */
  readonly limit: number;
  /** Resolves when the client has taken what was sent. */
  readonly drained: () => Promise<void>;
}

/**
 * Sends what a stream of another instance has sent since the client lost it,
 * and goes on until its answer, or until the session ends or the signal says so.
 *
 * @returns undefined where the store knows no such stream of this owner
 * @throws Error where the store fails
 */
async function followStream(
  store: EventStore,
  followed: FollowedStream,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const { session, owner, after } = followed;
  if ((await store.ownerOf(session)) !== owner) {
    return undefined;
  }
  const first = await store.replay(session, after);
  if (!first) {
    return undefined;
  }
  const events = readOn(store, followed, first.stream, signal);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await events.next().catch(() => undefined);
        if (!next || next.done) {
          controller.close();
        } else {
          controller.enqueue(encoder.encode(next.value));
        }
      },
      async cancel() {
        await events.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: { ...EVENT_STREAM, 'mcp-session-id': session },
  });
}

async function* readOn(
  store: EventStore,
  { session, owner, after, limit, drained }: FollowedStream,
  stream: string,
  signal: AbortSignal,
): AsyncGenerator<string, undefined> {
  let position = after;
  for (let look = 1; !signal.aborted; look++) {
    const replay = await store.replay(session, position, stream);
    if (!replay) {
      return;
    }
    const events = firstOf(replay.events, limit);
    const isWhole = events.length === replay.events.length;
    position = isWhole ? replay.position : (events.at(-1)?.id ?? position);
    for (const { text, isLast } of events) {
      yield text;
      await drained();
      if (isLast) {
        return;
      }
    }
    if (look % OWNER_EVERY === 0 && (await store.ownerOf(session)) !== owner) {
      return;
    }
    if (!isWhole) {
      continue;
    }
    await sleep(POLL, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

/** So many of them as fit, so that the others need not be held for a slow client. */
function firstOf(
  events: readonly StoredEvent[],
  limit: number,
): { id: string; text: string; isLast: boolean }[] {
  const first = [];
  let bytes = 0;
  for (const event of events) {
    if (bytes > limit) {
      break;
    }
    const text = toText(event);
    bytes += text.length;
    first.push({ id: event.id, text, isLast: isAnswer(event) });
  }
  return first;
}

function isAnswer({ message }: StoredEvent): boolean {
  const { id, result, error } = message as Record<string, unknown>;
  return id !== undefined && (result !== undefined || error !== undefined);
}

function toText({ id, message }: StoredEvent): string {
  return `event: message\nid: ${id}\ndata: ${JSON.stringify(message)}\n\n`;
}

/** Streams of other instances that clients have resumed here; so many of one caller. */
export class FollowedStreams {
  private readonly closing = new AbortController();
  /** How many are open, by quota. */
  private readonly open = new Map<string, number>();

  constructor(
    private readonly store: () => EventStore,
    private readonly maxPerUser: number,
  ) {}

  async follow(
    session: string,
    after: string,
    { owner, quota }: SessionCaller,
    request: Request,
  ): Promise<Response> {
    if ((this.open.get(quota) ?? 0) >= this.maxPerUser) {
      return noRoom('user');
    }
    this.count(quota, 1);
    const end = (): void => this.count(quota, -1);
    try {
      const signal = AbortSignal.any([request.signal, this.closing.signal]);
      const exchange = currentRequest();
      const stream = {
        session,
        owner,
        after,
        limit: exchange?.maxUnreadBytes ?? Infinity,
        drained: () => exchange?.outlet?.drained() ?? READY,
      };
      const response = await followStream(this.store(), stream, signal);
      if (response) {
        return endingWith(response, signal, end);
      }
    } catch (error) {
      end();
      throw error;
    }
    end();
    return sessionNotFound();
  }

  close(): void {
    this.closing.abort();
  }

  private count(quota: string, change: 1 | -1): void {
    const count = (this.open.get(quota) ?? 0) + change;
    if (count > 0) {
      this.open.set(quota, count);
    } else {
      this.open.delete(quota);
    }
  }
}
