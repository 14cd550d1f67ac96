import { nodeRequestOf } from '../../platform/http-pair.js';
import type {
  HttpPlatform,
  InnerDestination,
  InnerRequest,
} from '../../platform/http-platform.js';
import type { McpApplication } from '../../platform/mcp-application.js';
import type { OperationKind } from '../call-result.js';
import { type Call, progressMessage } from './call.interface.js';
import type {
  CallHandler,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';

/** What an inner request tells about the MCP call it was made for. @publicApi */
export interface McpCall {
  readonly kind: OperationKind;
  /** Of the tool or prompt; URI of the resource. */
  readonly name: string;
}

/** The route that an inner request is for. */
interface CallDestination extends InnerDestination {
  /** Whether a method is the one meant and gets the values that were sent; else the call ends. */
  admits(
    controller: unknown,
    handler: object,
    params: Readonly<Record<string, unknown>>,
  ): boolean;
}

/** A call and the identity it carries. */
interface MarkedCall {
  readonly call: McpCall;
  readonly auth: unknown;
  readonly user: unknown;
  readonly reportProgress: Call['reportProgress'];
  /** The query of an inner request, where its URL cannot say it. */
  readonly query?: InnerRequest['query'];
  /** The route that an inner request is for. */
  readonly destination?: CallDestination;
}

/**
 * Where a carrier keeps its mark. No `WeakMap`: what an old one holds outlives
 * every minor garbage collection, and with the mark all that belongs to a call.
 */
const MARK = Symbol('call');

interface Carrier {
  [MARK]?: MarkedCall;
}

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
 * The mark is no header, and its name is a symbol: nothing that a client sends can set it.
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
  return markOf(request)?.call ?? markOf(nodeRequestOf(request))?.call;
}

/** How the call that an inner request was made for reports progress; undefined where nobody asked. */
export function progressOf(request: object): Call['reportProgress'] {
  return markOf(nodeRequestOf(request))?.reportProgress;
}

/** The route that a request is for, where it is an inner one; Express's, Fastify's or Node's own. */
export function destinationOf(request: object): CallDestination | undefined {
  return markOf(nodeRequestOf(request))?.destination;
}

/** Marks a raw request, or a provider method's context, as made for a call. */
export function markCall(carrier: object, call: MarkedCall): void {
  (carrier as Carrier)[MARK] = call;
}

/** Has the platform know the inner requests that were marked; to be called in `configure()`. */
export function watchInnerRequests(application: McpApplication): void {
  application.install(watchMarked);
}

const watchMarked = (platform: HttpPlatform): void =>
  platform.watchInnerRequests((request) => markOf(nodeRequestOf(request)));

function markOf(carrier: unknown): MarkedCall | undefined {
  return typeof carrier === 'object' && carrier !== null
    ? (carrier as Carrier)[MARK]
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

/**
 * Reports what a route's Observable emits to a tool call that asked for
 * progress. The result stays what HTTP gives: the last value. Requests that are
 * no tool call pass untouched.
 */
export class RouteProgressInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const report = progressOf(
      context.switchToHttp().getRequest<{ raw?: object }>(),
    );
    if (!report) {
      return next.handle();
    }
    let emitted = 0;
    return next
      .handle()
      .pipe(
        tap((value) => report(++emitted, undefined, progressMessage(value))),
      );
  }
}
