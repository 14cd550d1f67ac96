import type { Observable } from 'rxjs';
import { progressMessage } from '../call/call.interface.js';
import type { Call } from '../call/call.interface.js';

/** What Observables that have not completed have emitted, by the signal of their call. */
const unended = new WeakMap<AbortSignal, readonly unknown[]>();

/** What the Observable of a call that goes on has emitted; undefined for none. */
export function emittedSoFar(
  signal: AbortSignal,
): readonly unknown[] | undefined {
  const values = unended.get(signal);
  return values && values.length > 0 ? [...values] : undefined;
}

/**
 * Waits for an Observable: one value is the result itself, several are an
 * array, none is `undefined`. Each of several is reported as progress; a value
 * that completes at once is not, since interceptors wrap every result so.
 */
export function collect(
  source: Observable<unknown>,
  signal: AbortSignal,
  reportProgress: Call['reportProgress'],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const values: unknown[] = [];
    unended.set(signal, values);
    let reported = 0;
    const report = () => {
      for (; reported < values.length && !signal.aborted; reported++) {
        reportProgress?.(
          reported + 1,
          undefined,
          progressMessage(values[reported]),
        );
      }
    };
    let first: NodeJS.Immediate | undefined;
    const subscription = source.subscribe({
      next: (value) => {
        values.push(value);
        if (reportProgress === undefined) return;
        if (values.length > 1) report();
        else first = setImmediate(report);
      },
      error: (error) => {
        clearImmediate(first);
        unended.delete(signal);
        reject(error as Error);
      },
      complete: () => {
        clearImmediate(first);
        signal.removeEventListener('abort', stop);
        unended.delete(signal);
        resolve(values.length > 1 ? values : values[0]);
      },
    });
    // The call's own promise is settled by then.
    function stop() {
      clearImmediate(first);
      subscription.unsubscribe();
      resolve(undefined);
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}
