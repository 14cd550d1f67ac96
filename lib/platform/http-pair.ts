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

/** Sets on Node's response what an adapter has kept apart. */
export function setHeaders(
  response: ServerResponse,
  headers: OutgoingHttpHeaders,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) {
      response.setHeader(name, value);
    }
  }
}

/** Node's own request behind that of any adapter. */
export function nodeRequestOf(request: object): object {
  return (request as { readonly raw?: object }).raw ?? request;
}

/** What tells where a request of any adapter comes from. */
export interface AddressedRequest {
  /** By the framework, trusted proxies included. */
  readonly ip?: unknown;
  readonly socket?: { readonly remoteAddress?: string | undefined };
}

/** Address of the caller; that of the connection where a plugin of the application has left an empty one. */
export function addressOf({
  ip,
  socket,
}: AddressedRequest): string | undefined {
  return typeof ip === 'string' && ip !== '' ? ip : socket?.remoteAddress;
}

/** A request of any adapter, and whom guards have found behind it. */
export interface CallerCarrier {
  auth?: unknown;
  user?: unknown;
}

/** The caller that a request carries; inner requests have it on Node's own. */
export function carriedCaller(request: CallerCarrier): unknown {
  return request.auth ?? (nodeRequestOf(request) as CallerCarrier).auth;
}

/** Has a request carry a caller where guards and decorators of any adapter look for it. */
export function carryCaller(
  request: CallerCarrier,
  { auth, user }: Readonly<CallerCarrier>,
): void {
  for (const target of [request, nodeRequestOf(request) as CallerCarrier]) {
    target.auth = auth;
    if (user !== undefined) {
      target.user = user;
    }
  }
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

/** How deep a body may nest: what the SDK and `oidc-provider` check it with is recursive. */
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
