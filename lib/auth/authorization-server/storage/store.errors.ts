/**
 * The storage failed, or has no room left: the request can be sent again later.
 * `oidc-provider` and Koa take status and error code from these members.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;
  readonly error_description =
    'The server cannot answer at the moment. Try again later.';

  /** The message is the error code of OAuth (RFC 6749, section 4.1.2.1). */
  constructor(options?: ErrorOptions) {
    super('temporarily_unavailable', options);
  }
}

/** A value is larger than a storage keeps: what was sent has to be shorter. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
  readonly status = 400;
  readonly statusCode = 400;
  readonly expose = true;
  readonly error_description = 'The request is longer than this server keeps';

  constructor() {
    super('invalid_request');
  }
}
