import { AsyncResource } from 'node:async_hooks';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndpointRequest } from './endpoint-request.js';

/** Milliseconds between two looks at what is still open. */
const LOOK = 10;

/** One of the exchanges under way. */
interface OpenRequest {
  readonly exchange: EndpointRequest;
  readonly response: ServerResponse;
  /** When it is to be kept open (again), by the process's own clock. */
  due: number;
}

/**
 * The HTTP exchanges under way on the endpoint. Those that are open for long are
 * kept open, by one timer for all: what came last is due last.
 */
export class OpenRequests {
  /** The next that is due comes first. */
  private readonly all = new Set<OpenRequest>();
  private streams = 0;
  private timer: NodeJS.Timeout | undefined;
  /** Outside of every request, though a request sets the first timer. */
  private readonly sweep = AsyncResource.bind(() => this.keepOpen());

  /** @param interval milliseconds until one is kept open, and between two times; 0 for never */
  constructor(private readonly interval: number) {}

  /** Takes an exchange in, until its response is closed. */
  add(exchange: EndpointRequest, response: ServerResponse): void {
    const due = performance.now() + this.interval;
    const open = { exchange, response, due };
    const streams = exchange.staysOpen ? 1 : 0;
    this.all.add(open);
    this.streams += streams;
    response.once('close', () => {
      this.all.delete(open);
      this.streams -= streams;
    });
    if (this.interval > 0) {
      this.timer ??= setTimeout(this.sweep, this.interval).unref();
    }
  }

  /** Calls under way; streams that stay open do not count: nobody waits for their end. */
  get runningCalls(): number {
    return this.all.size - this.streams;
  }

  get size(): number {
    return this.all.size;
  }

  /** Ends what is open without an answer. */
  destroy(): void {
    clearTimeout(this.timer);
    for (const { response } of this.all) {
      response.destroy();
    }
  }

  private keepOpen(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const open of this.all) {
      if (open.due > now) {
        this.timer = setTimeout(this.sweep, open.due - now).unref();
        return;
      }
      this.all.delete(open);
      open.due = now + this.interval;
      this.all.add(open);
      try {
        open.exchange.writer?.keepOpen();
      } catch {
        // Headers of the application that HTTP does not allow; the answer fails on them, too.
      }
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
