import type {
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';

/** What both adapters' requests have in common once unwrapped. */
export interface HttpPair {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the application's body parser made of the body; undefined where it read none. */
  readonly body: unknown;
  /** Headers that the adapter keeps apart until it sends: Fastify's `reply.header()`. */
  readonly headers: OutgoingHttpHeaders;
}

/** The parts of Fastify's request and reply that are used; Express has neither `raw`. */
interface FastifyPair {
  readonly request: { readonly raw: IncomingMessage; readonly body?: unknown };
  readonly reply: {
    readonly raw: ServerResponse;
    getHeaders(): OutgoingHttpHeaders;
    hijack(): unknown;
  };
}

/**
 * Takes an exchange over from the adapter. On Fastify nothing but the caller
 * writes to the response from then on.
 */
export function takeOver(request: unknown, response: unknown): HttpPair {
  if (isFastify(response)) {
    const { request: fastifyRequest, reply } = {
      request,
      reply: response,
    } as FastifyPair;
    reply.hijack();
    return {
      request: fastifyRequest.raw,
      response: reply.raw,
      body: parsed(fastifyRequest.body ?? undefined),
      headers: reply.getHeaders(),
    };
  }
  const expressRequest = request as IncomingMessage & { body?: unknown };
  return {
    request: expressRequest,
    response: response as ServerResponse,
    body: parsed(expressRequest.body),
    headers: {},
  };
}

/** A global raw or text parser of the application leaves the JSON to us. */
function parsed(body: unknown): unknown {
  if (!Buffer.isBuffer(body) && typeof body !== 'string') {
    return body;
  }
  try {
    return JSON.parse(body.toString()) as unknown;
  } catch {
    return body;
  }
}

function isFastify(response: unknown): boolean {
  return typeof (response as { hijack?: unknown }).hijack === 'function';
}
