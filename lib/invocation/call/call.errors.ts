import {
  HttpException,
  type HttpExceptionOptions,
  HttpStatus,
} from '@nestjs/common';

const BRAND = Symbol.for('nestjs-mcp:error');

/**
 * A failure whose message is meant for the caller. From a provider's tool it
 * becomes a result with `isError`, from a resource or prompt a JSON-RPC error,
 * over HTTP a 422. The messages of all other errors, except `HttpException`s
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

/** RFC 6585: the request must be made again, with something it lacks. */
const PRECONDITION_REQUIRED = 428;

/**
 * Thrown where a call asks its client for something, in the 2026-07-28 era:
 * the client is told what, and the method runs again once it has answered. Let
 * it pass: the question is asked even where a method catches it.
 *
 * An `HttpException`, so that the filters of an application do not take it for
 * a fault of the server.
 *
 * @publicApi
 */
export class InputRequiredError extends HttpException {
  constructor() {
    super('The client is asked for more input', PRECONDITION_REQUIRED);
    this.name = 'InputRequiredError';
  }
}

/**
 * An inner request whose path leads to another route than that of the operation
 * it was made for. The message is for the caller.
 */
export class OtherRouteError extends Error {
  override readonly name = 'OtherRouteError';

  /** @param args the arguments that make the path */
  constructor(args: readonly string[]) {
    const names = args.map((name) => `"${name}"`).join(', ');
    super(
      args.length === 0
        ? 'Another route of the application answers at the URL of this one, so nothing was run.'
        : args.length === 1
          ? `The value of ${names} names another route of the application, so nothing was run. Choose another value.`
          : `The values of ${names} name another route of the application, so nothing was run. Choose other values.`,
    );
  }
}

/**
 * A value that cannot be sent to the route. The message is for the caller: it
 * names the argument and what is wrong with it.
 */
export class RefusedArgumentError extends Error {
  override readonly name = 'RefusedArgumentError';

  constructor(
    /** Name of the argument, as the caller wrote it. */
    readonly argument: string,
    problem: string,
  ) {
    super(`Argument "${argument}" ${problem}`);
  }
}
