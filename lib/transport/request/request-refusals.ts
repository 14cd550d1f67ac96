import type { IncomingMessage } from 'node:http';
import type { HttpPair } from '../../platform/http-pair.js';
import {
  failure,
  failureBody,
  ID_IN_USE,
  type JsonRpcFailure,
  requestIdsOf,
} from './json-rpc-error.js';

/** How deep a message may nest; what the SDK checks it with is recursive. */
const MAX_DEPTH = 500;

/** Characters that a message has at least which nests that deep. */
const DEEP_LENGTH = 2 * MAX_DEPTH;

/** As {@link nestsTooDeep}, without a look at a message that is too short for it. */
export function requestNestsTooDeep(
  { headers }: Pick<IncomingMessage, 'headers'>,
  body: unknown,
): boolean {
  const isShort =
    headers['content-encoding'] === undefined &&
    Number(headers['content-length']) < DEEP_LENGTH;
  return !isShort && nestsTooDeep(body);
}

/** Whether a body nests deeper than can be checked without running out of stack. */
export function nestsTooDeep(body: unknown, left = MAX_DEPTH): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (left === 0 ||
      Object.values(body).some((member) => nestsTooDeep(member, left - 1)))
  );
}

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
    return failure(400, 'Invalid Request: the message nests too deep');
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
