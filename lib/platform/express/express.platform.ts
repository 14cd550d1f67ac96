import type { ServerResponse } from 'node:http';
import {
  type ConnectErrorHandler,
  type ConnectMiddleware,
  type ConnectRequest,
  parserAnswers,
  parserDoor,
  pathDoor,
} from '../connect-door.js';
import { type HttpPair, parsedBody } from '../http-pair.js';
import {
  type ArrivingRequest,
  type Dispatch,
  type FindInnerRequest,
  type ForeignRoutes,
  HttpPlatform,
  type ParserAnswers,
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
import { type InnerClasses, innerClasses } from '../inner-classes.js';

type ExpressRequest = ConnectRequest & {
  readonly route?: { readonly path?: string };
};

/** The parts of an Express application that are used. */
interface ExpressInstance {
  get(setting: string): unknown;
  use(handler: ConnectMiddleware | ConnectErrorHandler): void;
}

/** Express 4 and 5; what needs Express 5's router does without it on others. */
export class ExpressPlatform extends HttpPlatform {
  override readonly pathSyntax = 'express';
  override readonly formSyntax = 'brackets';
  override readonly triesRoutesInOrder = true;
  override readonly sharesPaths = true;
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
    const pass: ConnectMiddleware = (request, _response, next) =>
      enter(request, next);
    this.instance.use(pass);
  }

  override onPath(path: string, hooks: PathHooks): void {
    const { instance } = this;
    const enter = pathDoor(path, hooks, (request, response, next) =>
      goOn(request, response, next),
    );
    const goOn = createExpressContinuation(instance, enter, this.gate);
    instance.use(enter);
    instance.use(parserDoor(path, hooks));
    if (hooks.maxRequestBytes !== undefined) {
      parseFirst(this.adapter as BodyParsing, path, hooks.maxRequestBytes);
    }
  }

  override onParserFailure(answers: ParserAnswers): void {
    this.instance.use(parserAnswers(answers));
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
