import type { HttpPair } from '../../platform/http-pair.js';
import type { HttpRefusal } from './endpoint-request.js';
import { failure, failureBody, requestIdsOf } from './json-rpc-error.js';

/** Parts of an answer in JSON-RPC. */
interface Answer {
  readonly id?: unknown;
}

/**
 * Whether a request may be answered by an event stream that begins before
 * anything is known of its answer: a call outside a session, whose client takes
 * such streams. `initialize` is none, as its answer may have the header of a
 * session, and within one the SDK begins the stream itself.
 */
export function mayStreamEarly({
  request: { method, headers },
  body,
}: HttpPair): boolean {
  return (
    method === 'POST' &&
    headers.accept?.includes('text/event-stream') === true &&
    headers['mcp-session-id'] === undefined &&
    isCall(body ?? { method: headers['mcp-method'], id: 0 })
  );
}

/** The answer that came, for a stream that carries messages alone. */
export function streamable(answer: string, requestBody: unknown): string {
  const message = parsed(answer);
  if (!message) {
    return failureBody(failure(500, ''), requestBody);
  }
  const [id] = requestIdsOf(requestBody);
  return message.id === null && id !== undefined
    ? JSON.stringify({ ...message, id })
    : answer;
}

/**
 * A refusal whose time in HTTP is over, in place of the answer that came. `data`
 * has what the body and the challenge would have said.
 */
export function lateRefusal(
  { status, headers, body }: HttpRefusal,
  answer: string,
): string {
  const data = JSON.parse(body) as Record<string, string>;
  const { code, message } = failure(
    status,
    data['error_description'] || 'Access denied',
  );
  return JSON.stringify({
    jsonrpc: '2.0',
    error: {
      code,
      message,
      data: { status, ...data, challenge: headers['www-authenticate'] },
    },
    id: parsed(answer)?.id ?? null,
  });
}

function isCall(body: unknown): boolean {
  const { method } = body as { readonly method?: unknown };
  return (
    !Array.isArray(body) &&
    requestIdsOf(body).length === 1 &&
    method !== 'initialize' &&
    !String(method).startsWith('notifications/')
  );
}

function parsed(answer: string): Answer | undefined {
  try {
    return JSON.parse(answer) as Answer;
  } catch {
    return undefined;
  }
}
