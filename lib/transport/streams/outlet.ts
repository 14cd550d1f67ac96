import type { ServerResponse } from 'node:http';

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

  write(chunk: string | Uint8Array): void {
    if (!this.response.write(chunk)) {
      this.draining ??= this.nextDrain();
    }
  }

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
