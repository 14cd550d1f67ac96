import {
  HttpException,
  type HttpExceptionOptions,
  HttpStatus,
} from '@nestjs/common';

const BRAND = Symbol.for('nestjs-mcp:error');

/**
 * A failure whose message is meant for the caller. From a provider's tool it
 * becomes a result with `isError`, from a resource or prompt a JSON-RPC error,
 * over HTTP a 422. The messages of all other errors, but for `HttpException`s
 * below 500, go to the log alone.
 *
 * ```ts
 * throw new McpError('The order has been shipped and cannot be changed');
 * ```
 *
 * @publicApi
 */
export class McpError extends HttpException {
  readonly [BRAND] = true;

  constructor(message: string, options?: HttpExceptionOptions) {
    super(message, HttpStatus.UNPROCESSABLE_ENTITY, options);
    this.name = 'McpError';
  }

  /** Whether `value` is one, also where it comes from the other module format. */
  static is(value: unknown): value is McpError {
    return value instanceof Error && BRAND in value;
  }
}
