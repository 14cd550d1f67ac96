/** Runs tasks of one key after another, and those of different keys at once. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Keys that tasks wait or run for. */
  get size(): number {
    return this.#last.size;
  }

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const running = (this.#last.get(key) ?? Promise.resolve()).then(task);
    // The next one follows whether this one fails or not.
    const settled = running.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, settled);
    try {
      return await running;
    } finally {
      if (this.#last.get(key) === settled) {
        this.#last.delete(key);
      }
    }
  }
}
