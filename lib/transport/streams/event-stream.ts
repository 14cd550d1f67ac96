import type { ServerResponse } from 'node:http';

/** Headers of an event stream; as the SDK's handler has them. */
export const EVENT_STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** Says nothing, but that the stream is alive (HTML, Server-sent events, "Authoring notes"). */
export const COMMENT = ': keepalive\n\n';

/** One event, of a message in JSON. */
export function eventOf(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}

/** The message in an event of {@link eventOf}. */
export function messageIn(event: string): string {
  return /^data: (.*)$/m.exec(event)?.[1] ?? '';
}

/** Nothing to wait for. */
export const READY: Promise<void> = Promise.resolve();

/** Milliseconds that a client has for what waits when its stream is ended. */
const GRACE = 10_000;

/**
 * An event stream to a client that may read slowly, or not at all. All that is
 * said goes to the socket at once, so that what waits is counted in one place,
 * and those who say it are told when there is room.
 */
export class Outlet {
  private draining: Promise<void> | undefined;
  private release: (() => void) | undefined;

  /**
   * @param limit bytes that may wait
   * @param isEndable whether it ends beyond the limit, as its client can resume
   * or begin anew; where it cannot, an answer is written still
   */
  constructor(
    private readonly response: ServerResponse,
    readonly limit: number,
    readonly isEndable: boolean,
  ) {}

  get isFull(): boolean {
    return this.response.writableLength > this.limit;
  }

  /** Whether what may be left out should be: half of the room is kept for answers. */
  get isCrowded(): boolean {
    return this.response.writableLength > this.limit / 2;
  }

  /** From here on whoever can wait is to: the stream's own mark may be above the limit. */
  private get isFilling(): boolean {
    return this.response.writableLength > this.limit / 4;
  }

  write(chunk: string | Uint8Array): void {
    if (!this.response.write(chunk, this.taken) || this.isFilling) {
      this.draining ??= this.nextDrain();
    }
  }

  private readonly taken = (): void => {
    if (!this.response.writableNeedDrain && !this.isFilling) this.release?.();
  };

  /** Resolves when the client has taken what waits, or has left. Never rejects. */
  drained(): Promise<void> {
    return this.draining ?? READY;
  }

  /** Ends the stream; what waits is given up where it is not taken soon. */
  end(): void {
    const { response } = this;
    response.end();
    const timer = setTimeout(() => response.destroy(), GRACE).unref();
    response.once('close', () => clearTimeout(timer));
    this.release?.();
  }

  private nextDrain(): Promise<void> {
    const { response } = this;
    return new Promise((resolve) => {
      const release = (): void => {
        response.off('drain', release).off('close', release);
        this.draining = this.release = undefined;
        resolve();
      };
      this.release = release;
      response.on('drain', release).on('close', release);
    });
  }
}

/**
 * The response, with a body that ends at once when the signal says so; what
 * produces it is told. Left to itself, it is told only with the next chunk.
 *
 * @param onEnd called once, when the body has ended for whatever reason
 */
export function endingWith(
  response: Response,
  signal: AbortSignal,
  onEnd: () => void = () => undefined,
): Response {
  if (!response.body) {
    onEnd();
    return response;
  }
  const reader = response.body.getReader();
  const stop = (): void => {
    reader.cancel().catch(() => undefined);
  };
  const end = (): void => {
    signal.removeEventListener('abort', stop);
    onEnd();
  };
  signal.addEventListener('abort', stop);
  if (signal.aborted) {
    stop();
  }
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) {
            controller.enqueue(value);
            return;
          }
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        end();
      },
      cancel() {
        stop();
        end();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    status: response.status,
    headers: response.headers,
  });
}
