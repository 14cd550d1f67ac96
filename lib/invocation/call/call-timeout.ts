import type { Call } from './call.interface.js';

/**
 * Gives a call its time. While a person is to answer a question, nobody is
 * late: the time then begins anew.
 *
 * @param timeoutMs milliseconds; 0 for no limit
 * @returns stops the clock
 */
export function startTimeout(
  { channel }: Pick<Call, 'channel'>,
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
