import type { HttpServer } from '@nestjs/common';
import type { OperationKind } from '../call-result.js';
import type { Destination } from '../route/destination.js';
import type { Call } from './call.interface.js';

/** What an inner request tells about the MCP call it was made for. @publicApi */
export interface McpCall {
  readonly kind: OperationKind;
  /** Of the tool or prompt; URI of the resource. */
  readonly name: string;
}

/** A call and the identity it carries. */
interface MarkedCall {
  readonly call: McpCall;
  readonly auth: unknown;
  readonly user: unknown;
  readonly reportProgress: Call['reportProgress'];
  /** The route that an inner request is for. */
  readonly destination?: Destination;
}

const calls = new WeakMap<object, MarkedCall>();
const hooked = new WeakSet<object>();

/**
 * Tells whether a request is a tool call, and of which tool. An interceptor
 * reads it to treat tool calls differently:
 *
 * ```ts
 * intercept(context: ExecutionContext, next: CallHandler) {
 *   const call = mcpCallOf(context); // { kind: 'tool', name: 'cats_find_one' }, or undefined over HTTP
 *   …
 * }
 * ```
 *
 * The mark is no header and no property: nothing that a client sends can set it.
 *
 * @param request Express's `Request`, a `FastifyRequest`, Node's own request, or
 * an `ExecutionContext` of either a route or a provider method
 * @publicApi
 */
export function mcpCallOf(request: unknown): McpCall | undefined {
  if (typeof request !== 'object' || request === null) {
    return undefined;
  }
  if (isArgumentsHost(request)) {
    // A provider method's arguments end with its context, which is marked too.
    const [first, , , context] = request.getArgs();
    return markOf(context)?.call ?? mcpCallOf(first);
  }
  return (
    markOf(request)?.call ?? markOf((request as { raw?: unknown }).raw)?.call
  );
}

/** How the call that an inner request was made for reports progress; undefined where nobody asked. */
export function progressOf(request: {
  readonly raw?: object;
}): Call['reportProgress'] {
  return calls.get(request.raw ?? request)?.reportProgress;
}

/** The route that a request is for, where it is an inner one; Express's, Fastify's or Node's own. */
export function destinationOf(request: object): Destination | undefined {
  const { raw = request } = request as { readonly raw?: object };
  return calls.get(raw)?.destination;
}

/** Marks a raw request, or a provider method's context, as made for a call. */
export function markCall(carrier: object, call: MarkedCall): void {
  calls.set(carrier, call);
}

/**
 * Makes the caller's identity visible to Fastify's guards and decorators, which
 * see the `FastifyRequest` and not the raw request, and stops a request that
 * Fastify's router leads to another route than its own. Call it from
 * `configure()`, before Nest registers routes; further calls for one adapter do
 * nothing, and Express needs none.
 */
export function installInnerRequestHook(adapter: HttpServer): void {
  if (adapter.getType() !== 'fastify' || hooked.has(adapter)) {
    return;
  }
  hooked.add(adapter);
  (adapter.getInstance() as FastifyInstance).addHook(
    'onRequest',
    (request, _reply, done) => {
      const marked = calls.get(request.raw);
      if (marked !== undefined) {
        const { auth, user, destination } = marked;
        if (auth !== undefined) request.auth = auth;
        if (user !== undefined) request.user = user;
        const { url } = request.routeOptions;
        // There is no route behind Fastify's own answer of 404.
        if (url !== undefined && destination?.isAt(url) === false) {
          destination.refuse();
          return;
        }
      }
      done();
    },
  );
}

interface FastifyInstance {
  addHook(
    name: 'onRequest',
    hook: (
      request: {
        raw: object;
        readonly routeOptions: { readonly url?: string };
        auth?: unknown;
        user?: unknown;
      },
      reply: unknown,
      done: () => void,
    ) => void,
  ): void;
}

function markOf(carrier: unknown): MarkedCall | undefined {
  return typeof carrier === 'object' && carrier !== null
    ? calls.get(carrier)
    : undefined;
}

function isArgumentsHost(
  value: object,
): value is { getArgs(): readonly unknown[] } {
  return (
    'getArgs' in value &&
    'switchToHttp' in value &&
    typeof value.getArgs === 'function'
  );
}
