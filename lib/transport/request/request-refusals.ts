import {
  failure,
  failureBody,
  ID_IN_USE,
  type JsonRpcFailure,
  NESTS_TOO_DEEP,
  requestIdsOf,
} from './json-rpc-error.js';
import { type HttpPair, nestsTooDeep } from '../../platform/http-pair.js';

/** HTTP methods of the endpoint; `fetch` knows no TRACE. */
const METHODS = ['GET', 'POST', 'DELETE'];

/** A failure, and the headers that go with it. */
interface Refusal extends JsonRpcFailure {
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer of a server that is being closed. */
export const CLOSING: Refusal = {
  ...failure(503, ''),
  status: 503,
  headers: { connection: 'close' },
};

/** Why a request is not for the SDK's handler, which would fail on it or leave it unanswered. */
export function malformed({ request, body }: HttpPair): Refusal | undefined {
  if (!METHODS.includes(request.method ?? '')) {
    return {
      ...failure(405, 'Method not allowed'),
      headers: { allow: METHODS.join(', ') },
    };
  }
  if (nestsTooDeep(body)) {
    return failure(400, NESTS_TOO_DEEP);
  }
  return Array.isArray(body) && hasDuplicates(requestIdsOf(body))
    ? failure(400, ID_IN_USE)
    : undefined;
}

/** Answers a request in JSON-RPC. */
export function refuse(
  { response, headers: inherited, body }: HttpPair,
  { status, headers, ...refusal }: Refusal,
): void {
  response.writeHead(status, {
    ...inherited,
    'content-type': 'application/json',
    ...headers,
  });
  response.end(failureBody({ status, ...refusal }, body));
}

function hasDuplicates(values: readonly unknown[]): boolean {
  return new Set(values).size < values.length;
}

/** Who has as many sessions as there may be. */
export type Overload = 'server' | 'user';

/** Seconds after which a client that found no room may try again. */
const RETRY_AFTER = '30';

/** Unknown, ended and another's: nothing tells one from the other. */
export const sessionNotFound = (): Response =>
  refusal(404, -32001, 'Session not found');

export const sessionRequired = (): Response =>
  refusal(400, -32000, 'Bad Request: Mcp-Session-Id header is required');

export const noRoom = (overload: Overload): Response =>
  overload === 'user'
    ? refusal(429, -32000, 'Too many sessions', { 'retry-after': RETRY_AFTER })
    : refusal(503, -32000, 'Too many sessions', { 'retry-after': RETRY_AFTER });

/** Where nobody can say whether there is such a session: a client that is answered 404 gives up. */
export const storeUnavailable = (): Response =>
  refusal(503, -32000, 'The session cannot be served now', {
    'retry-after': RETRY_AFTER,
  });

/** To a request whose id another has that is not answered yet (JSON-RPC 2.0, section 4). */
export const idInUse = (body: unknown): Response =>
  new Response(failureBody(failure(400, ID_IN_USE), body), {
    status: 400,
    headers: { 'content-type': 'application/json' },
  });

/** An answer without an id, to what is not served. */
export function refusal(
  status: number,
  code: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json(
    { jsonrpc: '2.0', error: { code, message }, id: null },
    { status, headers },
  );
}
