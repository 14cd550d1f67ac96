import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import {
  type ConnectErrorHandler,
  type ConnectMiddleware,
  type ConnectRequest,
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
import {
  knownExpress,
  routerOver,
  type ExpressLayer,
  type ExpressRouter,
} from './express-router.interface.js';
import {
  type InnerClasses,
  innerClasses,
  type InnerPrototypes,
} from '../inner-classes.js';

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
  /** Paths whose requests are given their properties before Express sees them. */
  private readonly presetPaths = new Set<string>();
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
    this.presetProperties(path);
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

  /** Express's guards see Node's own request, which carries all but its destination. */
  override watchInnerRequests(find: FindInnerRequest): void {
    this.find = find;
    noteNestLayers(this.adapter);
  }

  override createDispatch(): Dispatch {
    return createExpressDispatch(this.instance, this.gate);
  }

  override innerClasses(): InnerClasses {
    return innerClasses(this.instance as unknown as InnerPrototypes);
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

  private presetProperties(path: string): void {
    this.presetPaths.add(path);
    // One listener is enough, whatever the number of paths.
    if (this.presetPaths.size === 1) {
      const server = this.adapter.getHttpServer() as Server;
      presetRequestProperties(server, this.instance, this.presetPaths);
    }
  }
}

/** What Express and its body parser set on a request, beside what its router does. */
const REQUEST_PROPERTIES: readonly PropertyKey[] = ['res', 'body', 'route'];

/**
 * Gives requests for these paths, before Express sees them, the properties that it
 * sets on every request, without values. V8 shares no hidden class between
 * objects that are given properties after another prototype, which is the order
 * in which Express does it: all that reads them later takes twice the time.
 */
export function presetRequestProperties(
  server: Server,
  instance: unknown,
  paths: ReadonlySet<string>,
): void {
  const application = knownExpress(instance);
  if (application === undefined) return;
  const properties = [
    ...REQUEST_PROPERTIES,
    ...routerProperties(application.router),
  ];
  server.prependListener('request', (request, response) => {
    if (paths.has(request.url ?? '')) {
      shapeRequest(request, properties);
      shapeResponse(response);
    }
  });
}

function shapeRequest(
  request: IncomingMessage,
  properties: readonly PropertyKey[],
): void {
  const shaped = request as unknown as Record<PropertyKey, unknown>;
  for (const property of properties) {
    // Whoever was here before may have set it, as hosts do that parse bodies.
    if (!(property in shaped)) shaped[property] = undefined;
  }
  // An emitter counts its listeners in a property of its own from the first on.
  request.on('error', noListener).off('error', noListener);
}

function shapeResponse(response: ServerResponse): void {
  const shaped = response as ServerResponse & { locals?: unknown };
  const { locals, statusCode, statusMessage } = shaped;
  Object.assign(shaped, { locals, statusCode, statusMessage });
}

/** Found by sending one through it; they include a symbol of its own. */
function routerProperties(router: ExpressRouter): readonly PropertyKey[] {
  const request = { method: 'GET', url: '/', headers: {} };
  const known = new Set(Reflect.ownKeys(request));
  const match = { path: '', params: {}, keys: [] };
  const layer = { ...match, match: () => match, handleRequest: noListener };
  try {
    routerOver(router, [layer as unknown as ExpressLayer]).handle(
      request as IncomingMessage,
      {} as ServerResponse,
      noListener,
    );
  } catch {
    // What it has set up to there is what is known of it.
  }
  return Reflect.ownKeys(request).filter((property) => !known.has(property));
}

function noListener(): void {
  // Nothing to do.
}
