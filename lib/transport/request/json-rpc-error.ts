import type { RequestId } from '@modelcontextprotocol/server';

/** A failure of the HTTP layer in the protocol's own form (JSON-RPC 2.0, section 5.1). */
export interface JsonRpcFailure {
  /** HTTP status. */
  readonly status: number;
  readonly code: number;
  readonly message: string;
}

const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;
/** What the SDK answers to an HTTP request it cannot take, whatever the reason. */
const NOT_ACCEPTED = -32000;

/** Why a request is refused whose answer could not be told from another's. */
export const ID_IN_USE =
  'Invalid Request: the id is that of another request without an answer';

/** Why a message is refused before anything walks through it that could run out of stack. */
export const NESTS_TOO_DEEP = 'Invalid Request: the message nests too deep';

/** The ids of the requests in a body, which may be a batch. */
export function requestIdsOf(body: unknown): RequestId[] {
  return [body].flat().flatMap((message) => {
    const id = requestIdOf(message);
    return id === null ? [] : [id];
  });
}

/**
 * The failure that a body parser's HTTP status stands for; 400 is a body that is no JSON.
 *
 * @param limit bytes that a body may have, where that is known
 */
export function parserFailure(status: number, limit?: number): JsonRpcFailure {
  switch (status) {
    case 400:
      return {
        status,
        code: PARSE_ERROR,
        message: 'Parse error: the request body is not valid JSON',
      };
    case 413:
      return {
        status,
        code: NOT_ACCEPTED,
        message:
          'Payload Too Large: the request body exceeds the limit' +
          (limit === undefined ? '' : ` of ${limit} bytes`) +
          '. The option limits.maxRequestBytes sets it.',
      };
    case 415:
      return {
        status,
        code: NOT_ACCEPTED,
        message:
          'Unsupported Media Type: Content-Type must be application/json',
      };
    default:
      return failure(status, 'The request body could not be read');
  }
}

/** A refusal: the request is at fault below 500, and nothing is told of what is above. */
export function failure(status: number, message: string): JsonRpcFailure {
  return status >= 400 && status < 500
    ? { status, code: INVALID_REQUEST, message }
    : { status: 500, code: INTERNAL_ERROR, message: 'Internal server error' };
}

/** The body to send. The id is echoed where the request's could be read. */
export function failureBody(
  { code, message }: JsonRpcFailure,
  requestBody?: unknown,
): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    error: { code, message },
    id: requestIdOf(requestBody),
  });
}

function requestIdOf(body: unknown): RequestId | null {
  const { id, method } = (body ?? {}) as { id?: unknown; method?: unknown };
  return typeof method === 'string' &&
    (typeof id === 'string' || typeof id === 'number')
    ? id
    : null;
}
