import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatch, HttpPlatform } from '../../platform/http-platform.js';
import type { InnerClasses } from '../../platform/inner-classes.js';
import { CallCancelledError, CallTimeoutError } from '../call/call.errors.js';
import { startTimeout } from '../call/cancellation.js';
import { markCall } from '../call/mcp-call.js';
import type { Call } from '../call/call.interface.js';
import {
  createQueryWriter,
  type QueryWriter,
} from '../encoding/query.writer.js';
import { callerOf, hostFor, type Caller } from './caller.js';
import { optionalPathParametersOf } from '../encoding/path-pattern.js';
import { pathParametersOf } from '../encoding/route-path.js';
import { Destination, type DestinationRoute } from './destination.js';
import { forwardHeaders } from './caller.js';
import {
  abortInnerRequest,
  createInnerRequest,
  finishInnerRequest,
} from './inner-request.js';
import {
  createRequestMapper,
  type InnerRequestSpec,
  type RequestMapper,
  type RequestSyntax,
} from './request-mapper.js';
import type { RouteTarget } from './request-mapper.js';
import { decodeContent } from './inner-response.js';
import { ResponseRecorder } from './response-recorder.js';
import { closeInnerResponse, createInnerResponse } from './inner-response.js';
import type { RouteResponse } from './route-response.js';

/** How one call of a route is made. */
interface InvokeOptions {
  /** Headers of the caller that the route receives, in any case. */
  readonly forwardHeaders: readonly string[];
  /** Bytes the answer may have; an event stream is stopped there. */
  readonly maxResultBytes: number;
  /** Milliseconds until the call is given up; 0 for never. */
  readonly timeoutMs: number;
  /** Whether an event stream that goes on when the time is up is an answer. @default false */
  readonly takesUnended?: boolean;
}

interface CompiledRoute {
  readonly map: RequestMapper;
  readonly hostFor: (caller: Caller) => string;
  readonly destination: DestinationRoute;
}

/**
 * Calls routes through the application's HTTP adapter, in process: everything
 * between the socket and the controller runs as it does over HTTP.
 */
export class RouteInvoker {
  private readonly dispatch: Dispatch;
  private readonly classes: InnerClasses;
  private readonly writeQuery: QueryWriter;
  private readonly syntax: RequestSyntax;
  private readonly routes = new WeakMap<RouteTarget, CompiledRoute>();

  /** @param platform the application's, once its routes are registered */
  constructor(private readonly platform: HttpPlatform) {
    this.dispatch = platform.createDispatch();
    this.classes = platform.innerClasses();
    this.syntax = { path: platform.pathSyntax, form: platform.formSyntax };
    this.writeQuery = createQueryWriter(platform.queryParser());
  }

  /**
   * The parameters in a path of this application, in order. To be asked of every
   * path at start-up: a route is compiled for its first call, and by then
   * nothing else about it can be wrong.
   *
   * @throws TypeError when the path cannot be read
   */
  pathParametersOf(path: string): string[] {
    return pathParametersOf(path, this.syntax.path);
  }

  /** Those of them without which the path has a form, too. */
  optionalPathParametersOf(path: string): string[] {
    return optionalPathParametersOf(path, this.syntax.path);
  }

  /**
   * Calls the route. Whatever status it answers with is a response.
   *
   * @throws RefusedArgumentError before the call, at once or by the promise, and
   * OtherRouteError: no handler has run; CallTimeoutError and CallCancelledError, on which the inner request was aborted; Error when the
   * route dropped the connection
   */
  invoke(
    target: RouteTarget,
    args: Readonly<Record<string, unknown>>,
    call: Call,
    options: InvokeOptions,
  ): Promise<RouteResponse> {
    const route = this.compiled(target);
    const send = (spec: InnerRequestSpec): Promise<RouteResponse> => {
      const caller = callerOf(call.request);
      forwardHeaders(spec, caller, options.forwardHeaders, target.headers);
      if (call.authorization !== undefined) {
        spec.headers['authorization'] = call.authorization;
      }
      spec.headers['host'] = route.hostFor(caller);
      const destination = new Destination(
        route.destination,
        spec.path,
        spec.pathValues,
      );
      const request = this.innerRequest(spec, caller, call, destination);
      return this.exchange(request, destination, call, options);
    };
    const mapped = route.map(args);
    return mapped instanceof Promise ? mapped.then(send) : send(mapped);
  }

  private innerRequest(
    spec: InnerRequestSpec,
    caller: Caller,
    { kind, name, reportProgress }: Call,
    destination: Destination,
  ): IncomingMessage {
    const request = createInnerRequest(spec, caller, this.classes.Request);
    if (spec.query) presetQuery(request, spec.query);
    const { auth, user } = caller;
    // Middleware and, on Express, everything else looks here.
    const identity = request as { auth?: unknown; user?: unknown };
    if (auth !== undefined) identity.auth = auth;
    if (user !== undefined) identity.user = user;
    markCall(request, {
      call: { kind, name },
      auth,
      user,
      reportProgress,
      ...(spec.query && { query: spec.query }),
      destination,
    });
    return request;
  }

  private exchange(
    request: IncomingMessage,
    destination: Destination,
    call: Call,
    { maxResultBytes, timeoutMs, takesUnended = false }: InvokeOptions,
  ): Promise<RouteResponse> {
    const { cancellation, reportProgress } = call;
    return new Promise((resolve, reject) => {
      if (cancellation.isCancelled) {
        reject(new CallCancelledError());
        return;
      }
      const finish = (answer: RouteResponse | Error): void => {
        if (!(answer instanceof Error) && !destination.takes(answer.status)) {
          destination.refuse();
          return;
        }
        ignoreCancellation();
        stopTimeout();
        if (answer instanceof Error) {
          abort(request, response);
          reject(answer);
        } else {
          if (answer.stopped) abort(request, response);
          else finishInnerRequest(request);
          resolve(
            answer.headers['content-encoding'] === undefined
              ? answer
              : decodeContent(answer, maxResultBytes),
          );
        }
      };
      const cancel = () => finish(new CallCancelledError());
      const exchange = new ResponseRecorder(
        maxResultBytes,
        reportProgress &&
          ((...progress) => {
            if (destination.isReached) reportProgress(...progress);
          }),
        (answer) =>
          finish(answer ?? new Error('The route dropped the connection.')),
      );
      const response = createInnerResponse(
        request,
        exchange,
        this.classes.Response,
      );
      destination.onRefuse(finish);
      const ignoreCancellation = cancellation.onCancel(cancel);
      const stopTimeout = startTimeout(call, timeoutMs, () =>
        finish(
          (takesUnended ? exchange.soFar() : undefined) ??
            new CallTimeoutError(timeoutMs),
        ),
      );
      try {
        this.dispatch(request, response);
      } catch (error) {
        finish(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  private compiled(target: RouteTarget): CompiledRoute {
    let route = this.routes.get(target);
    if (route === undefined) {
      route = {
        map: createRequestMapper(target, this.writeQuery, this.syntax),
        hostFor: hostFor(target.route.host),
        destination: {
          controller: target.route.controller,
          handler: target.route.handler,
          registeredPath: this.platform.registeredPath(target.url.path),
        },
      };
      this.routes.set(target, route);
    }
    return route;
  }
}

/** The route finds this query, whatever the URL says: Express's own is a getter on the prototype, which this hides. */
function presetQuery(
  request: IncomingMessage,
  query: NonNullable<InnerRequestSpec['query']>,
): void {
  Object.defineProperty(request, 'query', {
    value: query,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

function abort(request: IncomingMessage, response: ServerResponse): void {
  closeInnerResponse(response);
  abortInnerRequest(request);
}
