/** Why a verifier refused a token. Stable; switch on it, not on the message. @publicApi */
export type TokenRefusal =
  | 'malformed'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'kind'
  | 'binding'
  | 'claims';

const SENTENCES: Readonly<Record<TokenRefusal, string>> = {
  malformed: 'The token cannot be read',
  algorithm: 'The token is signed by an algorithm that is not allowed',
  key: 'The token names no key of its issuer, or more than one fits',
  signature: 'The signature of the token is wrong',
  expired: 'The token has expired',
  not_yet_valid: 'The token is not valid yet',
  issuer: 'The token comes from an issuer that is not trusted',
  audience: 'The token was issued for another server',
  kind: 'The token is not an access token',
  binding:
    'The token is bound to a key, and the request does not prove that its sender holds it',
  claims: 'The token lacks a claim, or has it with a wrong value',
};

/**
 * A token was refused. The message is a fixed sentence per reason, so that it
 * may be logged: it holds nothing of the token.
 *
 * @publicApi
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';

  constructor(
    readonly reason: TokenRefusal,
    options?: ErrorOptions,
  ) {
    super(SENTENCES[reason], options);
  }
}

const BRAND = Symbol.for('nestjs-mcp:verifier-unavailable');

/** How {@link VerifierUnavailableError} is made. */
interface VerifierUnavailableOptions extends ErrorOptions {
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
