import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpPair, parsedBody } from '../http-pair.js';
import {
  type ArrivingRequest,
  type Dispatch,
  type FindInnerRequest,
  type ForeignRoutes,
  HttpPlatform,
  joinLists,
  type PathHooks,
  type QueryParser,
} from '../http-platform.js';
import {
  createExpressContinuation,
  createExpressDispatch,
} from './express-dispatch.js';
import {
  type BodyParsing,
  firstRoutePath,
  parseFirst,
  RoutesBeforeNest,
} from './express-first.js';
import { type Gate, noteNestLayers } from './express-gate.js';
import { comparablePath } from './express-route-index.js';
import type { ExpressNext } from './express-router.interface.js';
import { type InnerClasses, innerClasses } from '../inner-classes.js';

type ExpressRequest = IncomingMessage & {
  readonly path: string;
  readonly body?: unknown;
  readonly route?: { readonly path?: string };
};

type Middleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: ExpressNext,
) => void;

type ErrorHandler = (
  error: unknown,
  request: ExpressRequest,
  response: ServerResponse,
  next: ExpressNext,
) => void;

/** The parts of an Express application that are used. */
interface ExpressInstance {
  get(setting: string): unknown;
  use(handler: Middleware): void;
  use(handler: ErrorHandler): void;
}

/** Express 4 and 5; what needs Express 5's router does without it on others. */
export class ExpressPlatform extends HttpPlatform {
  override readonly pathSyntax = 'express';
  override readonly formSyntax = 'brackets';
  override readonly triesRoutesInOrder = true;
  private find: FindInnerRequest = () => undefined;

  private get instance(): ExpressInstance {
    return this.adapter.getInstance() as ExpressInstance;
  }

  private readonly gate: Gate = (request) => this.find(request)?.destination;

  override ready(): Promise<void> {
    return Promise.resolve();
  }

  override takeOver(request: unknown, response: unknown): HttpPair {
    return {
      request: request as ExpressRequest,
      response: response as ServerResponse,
      body: parsedBody((request as ExpressRequest).body),
      headers: {},
    };
  }

  override routePathOf(request: unknown): string | undefined {
    return (request as ExpressRequest).route?.path;
  }

  override onRequest(
    enter: (request: ArrivingRequest, next: () => void) => void,
  ): void {
    this.instance.use((request, _response, next) => enter(request, next));
  }

  /** Middleware comes after the body parser on Express, so a parser's error is let in here, too. */
  override onPath(path: string, hooks: PathHooks): void {
    const { instance } = this;
    const own = comparablePath(path);
    const enter: Middleware = (request, response, next) => {
      if (comparablePath(request.path) !== own) next();
      else if (admit(hooks, request, response)) goOn(request, response, next);
    };
    const goOn = createExpressContinuation(instance, enter, this.gate);
    instance.use(enter);
    const answerParser: ErrorHandler = (error, request, response, next) => {
      // What a parser throws has a type; anything else is a refusal of the
      // application's own middleware, which has its own words.
      const { status, type, limit } = error as {
        status?: unknown;
        type?: unknown;
        limit?: number;
      };
      if (
        comparablePath(request.path) !== own ||
        typeof status !== 'number' ||
        typeof type !== 'string'
      ) {
        next(error);
      } else if (admit(hooks, request, response)) {
        const failure = hooks.parserFailure(status, limit);
        response.writeHead(failure.status, {
          'content-type': 'application/json',
        });
        response.end(failure.body);
      }
    };
    instance.use(answerParser);
    if (hooks.maxRequestBytes !== undefined) {
      parseFirst(this.adapter as BodyParsing, path, hooks.maxRequestBytes);
    }
  }

  /** Express's guards see Node's own request, which carries all but its destination. */
  override watchInnerRequests(find: FindInnerRequest): void {
    this.find = find;
    noteNestLayers(this.adapter);
  }

  override createDispatch(): Dispatch {
    return createExpressDispatch(this.instance, this.gate);
  }

  override innerClasses(): InnerClasses {
    return innerClasses();
  }

  override queryParser(): QueryParser {
    const parser = this.instance.get('query parser fn');
    // `app.set('query parser', false)`: the application reads no query.
    return typeof parser === 'function' ? (parser as QueryParser) : () => ({});
  }

  override foreignRoutes(): ForeignRoutes {
    return new RoutesBeforeNest(this.instance);
  }

  override firstRoutePath(method: string, path: string): string | undefined {
    return firstRoutePath(this.instance, method, path);
  }
}

/** Answers the request, or sets the headers of its answer and lets it in. */
function admit(
  hooks: PathHooks,
  request: ExpressRequest,
  response: ServerResponse,
): boolean {
  const { method = 'GET' } = request;
  const { headers, answer } = hooks.admit(method, request.headers);
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, joinLists(name, response.getHeader(name), value));
  }
  if (answer) {
    response.statusCode = answer.status;
    response.end(answer.body);
  }
  return !answer;
}
