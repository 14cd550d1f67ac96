import { HttpException } from '@nestjs/common';

/** RFC 6585: the request must be made again, with something it lacks. */
const PRECONDITION_REQUIRED = 428;

/**
 * Thrown where a call asks its client for something, in the 2026-07-28 era:
 * the client is told what, and the method runs again once it has answered. Let
 * it pass; whatever a method makes of it, the question is asked.
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
