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
