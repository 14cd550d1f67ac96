import { AsyncResource } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointRequest } from './endpoint-request.js';

/** Milliseconds between two looks at what is still open. */
const LOOK = 10;

/** One of the exchanges under way, in a ring; without exchange, its beginning and end. */
class OpenRequest {
  private previous: OpenRequest = this;
  next: OpenRequest = this;

  /** @param due when it is to be kept open (again), by the process's own clock */
  constructor(
    readonly exchange?: EndpointRequest,
    readonly response?: ServerResponse,
    public due = Infinity,
  ) {}

  putBefore(other: OpenRequest): void {
    this.previous = other.previous;
    this.next = other;
    this.previous.next = other.previous = this;
  }

  /** Leaves the ring, and lets go of it: nothing lives on for one that has ended. */
  leave(): void {
    this.previous.next = this.next;
    this.next.previous = this.previous;
    this.previous = this.next = this;
  }
}

/**
 * The HTTP exchanges under way on the endpoint. Those that are open for long are
 * kept open, by one timer for all: what came last is due last.
 */
export class OpenRequests {
  /**
   * The next that is due comes first. Not a `Set`: the tables that one outgrows
   * keep what they held through every minor garbage collection.
   */
  private readonly ring = new OpenRequest();
  private count = 0;
  private streams = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Outside of every request, though a request sets the first timer. */
  private readonly sweep = AsyncResource.bind(() => this.keepOpen());

  /** @param interval milliseconds until one is kept open, and between two times; 0 for never */
  constructor(private readonly interval: number) {}

  /** Takes an exchange in, until its response is closed. */
  add(exchange: EndpointRequest, response: ServerResponse): void {
    const due = performance.now() + this.interval;
    const open = new OpenRequest(exchange, response, due);
    const streams = exchange.staysOpen ? 1 : 0;
    open.putBefore(this.ring);
    this.count += 1;
    this.streams += streams;
    response.once('close', () => {
      open.leave();
      this.count -= 1;
      this.streams -= streams;
    });
    if (this.interval > 0) {
      this.timer ??= setTimeout(this.sweep, this.interval).unref();
    }
  }

  /** Calls under way; streams that stay open do not count: nobody waits for their end. */
  get runningCalls(): number {
    return this.count - this.streams;
  }

  get size(): number {
    return this.count;
  }

  /** Ends what is open without an answer. */
  destroy(): void {
    clearTimeout(this.timer);
    const responses = [];
    for (let open = this.ring.next; open !== this.ring; open = open.next) {
      responses.push(open.response);
    }
    for (const response of responses) {
      response?.destroy();
    }
  }

  private keepOpen(): void {
    this.timer = undefined;
    const now = performance.now();
    let open = this.ring.next;
    for (; open.due <= now; open = this.ring.next) {
      open.leave();
      open.due = now + this.interval;
      open.putBefore(this.ring);
      try {
        open.exchange?.writer?.keepOpen();
      } catch {
        // Headers of the application that HTTP does not allow; the answer fails on them, too.
      }
    }
    if (open !== this.ring) {
      this.timer = setTimeout(this.sweep, open.due - now).unref();
    }
  }
}

/** Waits until there is nothing left, for so many milliseconds at most. */
export async function untilNone(
  count: () => number,
  limit: number,
): Promise<void> {
  const deadline = performance.now() + limit;
  while (count() > 0 && performance.now() < deadline) {
    await sleep(LOOK);
  }
}
