import { CallCancelledError, CallTimeoutError } from './call.errors.js';
import type { ClientLink } from './client-link.js';

/**
 * The end of a call by its client. It is an `AbortSignal` to whoever asks for
 * one: to make one takes longer than all else that is kept of a call.
 */
export class Cancellation {
  private readonly listeners: (() => void)[] = [];
  private controller: AbortController | undefined;
  private isOwnCancelled = false;

  /** @param given the signal that tells of it; without one, {@link cancel} does */
  constructor(private readonly given?: AbortSignal) {}

  get isCancelled(): boolean {
    return this.given?.aborted ?? this.isOwnCancelled;
  }

  get signal(): AbortSignal {
    if (this.given) {
      return this.given;
    }
    this.controller ??= new AbortController();
    if (this.isOwnCancelled) {
      this.controller.abort();
    }
    return this.controller.signal;
  }

  /** @returns takes the listener back */
  onCancel(listener: () => void): () => void {
    const { given, listeners } = this;
    if (given) {
      given.addEventListener('abort', listener, { once: true });
      return () => given.removeEventListener('abort', listener);
    }
    listeners.push(listener);
    return () => {
      const place = listeners.indexOf(listener);
      if (place >= 0) listeners.splice(place, 1);
    };
  }

  cancel(): void {
    if (!this.isOwnCancelled) {
      this.isOwnCancelled = true;
      this.controller?.abort();
      while (this.listeners.length > 0) {
        this.listeners.shift()?.();
      }
    }
  }
}

/**
 * Gives a call its time. It begins anew while a person is to answer a
 * question.
 *
 * @param timeoutMs milliseconds; 0 for no limit
 * @returns stops the clock
 */
export function startTimeout(
  { channel }: { readonly channel: Pick<ClientLink, 'waiting'> },
  timeoutMs: number,
  end: () => void,
): () => void {
  if (timeoutMs === 0) {
    return () => undefined;
  }
  let timer = setTimeout(check, timeoutMs);
  function check(): void {
    if (channel.waiting > 0) {
      timer = setTimeout(check, timeoutMs);
    } else {
      end();
    }
  }
  return () => clearTimeout(timer);
}

/** What the end of a call depends on. */
interface Endable {
  readonly cancellation: Cancellation;
  readonly channel: Pick<ClientLink, 'waiting'>;
}

/**
 * Runs until the result, the timeout or the cancellation, whichever is first.
 *
 * @param call ended by its client, and not while that is to answer a question
 * @param timeoutMs milliseconds; 0 for no limit
 * @param ending aborted with the error when the run is given up
 * @param takeUnended what there is when the time is up; undefined where that is nothing
 * @throws CallTimeoutError, CallCancelledError
 */
export function untilEnded<T>(
  call: Endable,
  timeoutMs: number,
  ending: AbortController,
  run: () => Promise<T>,
  takeUnended: () => Promise<T> | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const { cancellation } = call;
    const end = (error: Error) => {
      reject(error);
      ending.abort(error);
    };
    const cancel = () => end(new CallCancelledError());
    if (cancellation.isCancelled) {
      cancel();
      return;
    }
    const ignoreCancellation = cancellation.onCancel(cancel);
    const stopTimeout = startTimeout(call, timeoutMs, () => {
      const unended = takeUnended();
      if (unended) {
        resolve(unended);
      }
      end(new CallTimeoutError(timeoutMs));
    });
    run()
      .then(resolve, reject)
      .finally(() => {
        stopTimeout();
        ignoreCancellation();
      });
  });
}
