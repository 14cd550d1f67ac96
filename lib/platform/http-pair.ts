import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';

/** What all adapters' requests have in common once unwrapped. */
export interface HttpPair {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the application's body parser made of the body; undefined where it read none. */
  readonly body: unknown;
  /** Headers that the adapter keeps apart until it sends: Fastify's `reply.header()`. */
  readonly headers: OutgoingHttpHeaders;
}

/** Node's own request behind that of any adapter. */
export function nodeRequestOf(request: object): object {
  return (request as { readonly raw?: object }).raw ?? request;
}

/** A global raw or text parser of the application leaves the JSON to us. */
export function parsedBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) && typeof body !== 'string') {
    return body;
  }
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return body;
  }
}
