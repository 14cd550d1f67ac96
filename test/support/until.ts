/**
 * Waits for something that happens in the background.
 *
 * @throws Error when it has not after `limit` milliseconds
 */
export async function until(
  condition: () => boolean,
  limit = 2000,
): Promise<void> {
  const deadline = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`did not happen in ${limit} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
