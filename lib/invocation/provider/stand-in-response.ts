import type { ServerResponse } from 'node:http';
import { callerOf } from '../route/caller.js';
import { createInnerRequest } from '../route/inner-request.js';
import { ResponseRecorder } from '../route/response-recorder.js';
import { createInnerResponse } from '../route/inner-response.js';
import type { RouteResponse } from '../route/route-response.js';

/** What guards and filters of a provider method see in place of the endpoint's own response. */
interface StandInResponse {
  /** Has the methods of Express's `Response` or of Fastify's `Reply`. */
  readonly response: unknown;
  /** What a filter answered; undefined while nothing was. */
  answer(): RouteResponse | undefined;
  /** Headers set on it so far, by a throttler for example. Lower-case names. */
  headers(): RouteResponse['headers'];
}

interface FastifyReply {
  readonly raw: ServerResponse;
  readonly request: unknown;
  readonly log: unknown;
  getHeaders(): RouteResponse['headers'];
}

/**
 * Makes a response that a filter written for HTTP may answer, without touching
 * the one that carries the MCP message.
 */
export function createStandInResponse(
  request: unknown,
  response: unknown,
  maxResultBytes: number,
): StandInResponse {
  let answer: RouteResponse | undefined;
  const exchange = new ResponseRecorder(maxResultBytes, undefined, (value) => {
    answer = value;
  });
  const caller = callerOf(request);
  const inner = createInnerRequest(
    { method: 'POST', url: '/', headers: { host: caller.host } },
    caller,
  );
  const raw = createInnerResponse(inner, exchange);
  const standIn = dress(raw, request, response);
  return {
    response: standIn,
    answer: () => answer,
    headers: () => (isReply(standIn) ? standIn.getHeaders() : raw.getHeaders()),
  };
}

/** Gives the raw response the methods that the endpoint's own one has. */
function dress(
  raw: ServerResponse,
  request: unknown,
  response: unknown,
): unknown {
  if (isReply(response)) {
    const Reply = response.constructor as new (
      raw: ServerResponse,
      request: unknown,
      log: unknown,
    ) => FastifyReply;
    return new Reply(raw, response.request, response.log);
  }
  if (typeof response === 'object' && response !== null) {
    Object.setPrototypeOf(raw, Object.getPrototypeOf(response) as object);
    // Express formats by what the request accepts, and reads its settings there.
    (raw as { req: unknown }).req = request;
    (raw as { locals?: unknown }).locals = (
      response as { locals?: unknown }
    ).locals;
  }
  return raw;
}

function isReply(response: unknown): response is FastifyReply {
  return (
    typeof response === 'object' &&
    response !== null &&
    'raw' in response &&
    'getHeaders' in response &&
    'log' in response
  );
}
