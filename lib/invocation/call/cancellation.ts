/**
 * The end of a call by its client. It is an `AbortSignal` to whoever asks for
 * one: to make one takes longer than all else that is kept of a call.
 */
export class Cancellation {
  private readonly listeners = new Set<() => void>();
  private controller: AbortController | undefined;
  private isOwnCancelled = false;

  /** @param given the signal that tells of it; without one, {@link cancel} does */
  constructor(private readonly given?: AbortSignal) {}

  get isCancelled(): boolean {
    return this.given?.aborted ?? this.isOwnCancelled;
  }

  get signal(): AbortSignal {
    if (this.given) {
      return this.given;
    }
    this.controller ??= new AbortController();
    if (this.isOwnCancelled) {
      this.controller.abort();
    }
    return this.controller.signal;
  }

  /** @returns takes the listener back */
  onCancel(listener: () => void): () => void {
    const { given, listeners } = this;
    if (given) {
      given.addEventListener('abort', listener, { once: true });
      return () => given.removeEventListener('abort', listener);
    }
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  cancel(): void {
    if (!this.isOwnCancelled) {
      this.isOwnCancelled = true;
      this.controller?.abort();
      for (const listener of this.listeners) {
        listener();
      }
    }
  }
}
