/** Milliseconds after a failure during which the task is not run again. */
const COOLDOWN = 5000;

/** Runs a task once it is asked for, for all who ask; after a failure, again, but not at once. */
export class RetriedTask<T> {
  private running: Promise<T> | undefined;
  private failedAt = -Infinity;

  constructor(private readonly task: () => Promise<T>) {}

  /** @throws what the task threw, also to those who ask shortly after */
  result(): Promise<T> {
    if (Date.now() >= this.failedAt + COOLDOWN) {
      this.failedAt = Infinity;
      this.running = this.task().catch((error: unknown) => {
        this.failedAt = Date.now();
        throw error;
      });
    }
    return this.running!;
  }
}
