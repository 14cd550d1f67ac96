/** Why a guarded request gave no answer that may be used. */
export type FetchFailure =
  | 'refused_url'
  | 'refused_address'
  | 'network'
  | 'timeout'
  | 'too_large'
  | 'status'
  | 'content';

/**
 * A guarded request failed. The message names at most the origin of the URL,
 * whose path and query may hold secrets.
 */
export class GuardedFetchError extends Error {
  override readonly name = 'GuardedFetchError';
  /** Status of the answer where `failure` is `'status'`. */
  readonly status: number | undefined;

  constructor(
    readonly failure: FetchFailure,
    message: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(message, options);
    this.status = options?.status;
  }
}
