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
