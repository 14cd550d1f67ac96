import type { Call } from './call.interface.js';
import { CallCancelledError, CallTimeoutError } from './call-ended.error.js';
import { startTimeout } from './call-timeout.js';

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
  call: Call,
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
