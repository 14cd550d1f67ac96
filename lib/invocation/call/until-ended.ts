import { CallCancelledError, CallTimeoutError } from './call-ended.error.js';

/**
 * Runs until the result, the timeout or the cancellation, whichever is first.
 *
 * @param signal of the client
 * @param timeoutMs milliseconds; 0 for no limit
 * @param ending aborted with the error when the run is given up
 * @throws CallTimeoutError, CallCancelledError
 */
export function untilEnded<T>(
  signal: AbortSignal,
  timeoutMs: number,
  ending: AbortController,
  run: () => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (error: Error) => {
      reject(error);
      ending.abort(error);
    };
    const cancel = () => end(new CallCancelledError());
    if (signal.aborted) {
      cancel();
      return;
    }
    signal.addEventListener('abort', cancel, { once: true });
    const timer =
      timeoutMs > 0
        ? setTimeout(() => end(new CallTimeoutError(timeoutMs)), timeoutMs)
        : undefined;
    run()
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancel);
      });
  });
}
