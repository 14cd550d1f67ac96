import { shown } from '../options/option-keys.js';

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

/**
 * Gives up on what takes too long. What was started goes on; its outcome is
 * no longer of interest.
 *
 * @param limit milliseconds
 * @throws Error with the message, when the time is over
 */
export async function withTimeLimit<T>(
  started: Promise<T>,
  limit: number,
  message: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(message)), limit);
  });
  try {
    return await Promise.race([started, over]);
  } finally {
    clearTimeout(timer);
  }
}
