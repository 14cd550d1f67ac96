import { shown } from './options/option-keys.js';

/** Milliseconds: setTimeout's own limit, beyond which a timer fires at once. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * @param decorator that the option belongs to: `@McpTool`
 * @param origin of the operation, for the message
 * @throws Error for a timeout that is none
 */
export function checkTimeout(
  decorator: string,
  timeout: number | undefined,
  origin: string,
): void {
  if (
    timeout !== undefined &&
    (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT)
  ) {
    throw new Error(
      `${decorator}({ timeout }) of ${origin} is ${shown(timeout)}. Write milliseconds, a whole number from 1 to ${LONGEST_TIMEOUT}.`,
    );
  }
}
