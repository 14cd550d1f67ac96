const BRAND = Symbol.for('nestjs-mcp:verifier-unavailable');

/** How {@link VerifierUnavailableError} is made. */
export interface VerifierUnavailableOptions extends ErrorOptions {
  /** Seconds after which the caller may try again. @default 5 */
  readonly retryAfter?: number;
}

/**
 * The token could not be judged, because whoever issued it cannot be reached.
 * The guard answers 503 with `Retry-After`; everything else that a verifier
 * throws is taken for a bad token.
 *
 * @publicApi
 */
export class VerifierUnavailableError extends Error {
  override readonly name: string = 'VerifierUnavailableError';
  /** Seconds after which the caller may try again; whole, at least 1. */
  readonly retryAfter: number;

  constructor(message: string, options: VerifierUnavailableOptions = {}) {
    super(message, options);
    this.retryAfter = Math.max(1, Math.ceil(options.retryAfter ?? 5));
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** Whether `error` is one, also where it comes from the other module format. */
  static is(error: unknown): error is VerifierUnavailableError {
    return error instanceof Error && BRAND in error;
  }
}
