import type { HttpException } from '@nestjs/common';
import type { RouteResponse } from '../response/route-response.interface.js';

/**
 * The answer that Nest's own filter would give over HTTP.
 *
 * @param headers set before it was thrown, `Retry-After` for example
 */
export function exceptionResponse(
  exception: HttpException,
  headers: RouteResponse['headers'],
): RouteResponse {
  const status = exception.getStatus();
  const response = exception.getResponse();
  const body =
    typeof response === 'string'
      ? { statusCode: status, message: response }
      : response;
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}
