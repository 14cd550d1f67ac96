import { failure, failureBody, ID_IN_USE } from './json-rpc-error.js';

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
