import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at what is still open. */
const LOOK = 10;

/** The HTTP exchanges under way on the endpoint. */
export class OpenExchanges {
  private readonly calls = new Set<ServerResponse>();
  private readonly streams = new Set<ServerResponse>();

  /** @param isStream that it stays open until the client leaves: nobody waits for its end */
  add(response: ServerResponse, isStream: boolean): void {
    const open = isStream ? this.streams : this.calls;
    open.add(response);
    response.once('close', () => open.delete(response));
  }

  /** Calls under way; streams that stay open do not count. */
  get runningCalls(): number {
    return this.calls.size;
  }

  get size(): number {
    return this.calls.size + this.streams.size;
  }

  /** Ends what is open without an answer. */
  destroy(): void {
    for (const response of [...this.calls, ...this.streams]) {
      response.destroy();
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
