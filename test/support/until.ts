/** Milliseconds: a busy machine has that long, and a test still says what it waits for. */
const LIMIT = 10_000;

/**
 * Waits for something that happens in the background.
 *
 * @throws Error when it has not after `limit` milliseconds
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  limit = LIMIT,
): Promise<void> {
  const deadline = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`did not happen in ${limit} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
