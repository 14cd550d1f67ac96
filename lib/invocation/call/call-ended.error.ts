/** The call took longer than it may. The message is for the caller. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';

  constructor(
    /** Milliseconds the call was given. */
    readonly timeoutMs: number,
  ) {
    super(`The call timed out after ${timeoutMs} ms.`);
  }
}

/** The client cancelled the call or went away. */
export class CallCancelledError extends Error {
  override readonly name = 'CallCancelledError';

  constructor() {
    super('The call was cancelled.');
  }
}
