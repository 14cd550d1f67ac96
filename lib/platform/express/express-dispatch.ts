import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Gate, gatedLayer } from './express-gate.js';
import {
  knownExpress,
  routerOver,
  type ExpressApplication,
  type ExpressNext,
  type ExpressRouter,
  knownLayers,
  type ExpressLayer,
} from './express-router.interface.js';
import { ExpressRouteIndex } from './express-route-index.js';

/**
 * Dispatches into an Express application as a call of it does, by its own code,
 * without trying the pattern of every route, which takes longer than all else
 * where there are a thousand. An application that is not of Express 5 is called.
 *
 * @param gate closes layers to some requests: see {@link gatedLayer}
 */
export function createExpressDispatch(
  instance: unknown,
  gate?: Gate,
): (request: IncomingMessage, response: ServerResponse) => void {
  const application = knownExpress(instance);
  if (application === undefined) {
    return instance as (req: IncomingMessage, res: ServerResponse) => void;
  }
  const { router } = application;
  const stack = new CandidateLayers(router, gate);
  const lean: ExpressRouter['handle'] = (request, response, done) => {
    const layers = stack.layersFor(pathOf(request)) ?? stack.allLayers();
    routerOver(router, layers).handle(request, response, done);
  };
  const dispatching = Object.create(application, {
    router: { value: Object.create(router, { handle: { value: lean } }) },
  }) as ExpressApplication;
  return (request, response) => dispatching.handle(request, response);
}

/**
 * A `next()` for the middleware `door` of an Express application, which does not
 * try the pattern of every route behind it either.
 */
export function createExpressContinuation(
  instance: unknown,
  door: unknown,
  gate?: Gate,
): (
  request: IncomingMessage,
  response: ServerResponse,
  next: ExpressNext,
) => void {
  const application = knownExpress(instance);
  if (application === undefined) return (_request, _response, next) => next();
  const { router } = application;
  const stack = new CandidateLayers(router, gate);
  return (request, response, next) => {
    const layers = canLeave(router, request)
      ? stack.layersFor(pathOf(request), door)
      : undefined;
    if (layers === undefined) next();
    else {
      routerOver(router, layers).handle(request, response, (error) =>
        // The layers have had their turn: the way is out of the router.
        next(error || 'router'),
      );
    }
  };
}

/**
 * Whether the router at work remembers nothing of the request that another
 * would not know: which parameters `app.param()` has seen, how its URL began.
 */
function canLeave(router: ExpressRouter, request: IncomingMessage): boolean {
  const { originalUrl } = request as { originalUrl?: string };
  return originalUrl === request.url && Object.keys(router.params).length === 0;
}

/** Where Express reads it otherwise, no route is left out. */
function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/**
 * The layers of an Express router without the routes that cannot match a path.
 * What is left are the router's own layers, in their order.
 */
export class CandidateLayers {
  private source: readonly ExpressLayer[] = [];
  private gated: readonly ExpressLayer[] = [];
  private index: ExpressRouteIndex | undefined;

  constructor(
    private readonly router: ExpressRouter,
    private readonly gate: Gate = () => undefined,
  ) {}

  /** All layers, where it is not known which could match. */
  allLayers(): ExpressLayer[] {
    return this.router.stack.map((layer) => gatedLayer(layer, this.gate));
  }

  /**
   * The layers to try for a path, those after `door` or all. An array of its
   * own for each request: middleware may rewrite the path, and the routes left
   * out come back then.
   *
   * @param door a middleware's function
   * @returns undefined where layers are not like those known, or the door is not among them
   */
  layersFor(path: string, door?: unknown): ExpressLayer[] | undefined {
    const index = this.refreshed();
    const { gated: source } = this;
    if (index === undefined) return undefined;
    let from = 0;
    if (door !== undefined) {
      from = source.findIndex(({ handle }) => handle === door) + 1;
      if (from === 0) return undefined;
    }
    const layers: ExpressLayer[] = [];
    const leaveOutUpTo = (to: number) => {
      if (from < to) layers.push(gap(path, layers, source, from, to));
    };
    for (const position of index.candidatesFor(path)) {
      const layer = source[position];
      if (position < from || layer === undefined) continue;
      leaveOutUpTo(position);
      layers.push(layer);
      from = position + 1;
    }
    leaveOutUpTo(source.length);
    return layers;
  }

  /** Routes may be added and removed at any time. */
  private refreshed(): ExpressRouteIndex | undefined {
    const { stack } = this.router;
    if (!sameLayers(stack, this.source)) {
      this.source = [...stack];
      this.index = knownLayers(stack) ? indexOf(stack) : undefined;
      this.gated = stack.map((layer) => gatedLayer(layer, this.gate));
    }
    return this.index;
  }
}

function indexOf(layers: readonly ExpressLayer[]): ExpressRouteIndex {
  const index = new ExpressRouteIndex();
  layers.forEach(({ route }, position) => {
    if (route) index.add(position, route.path);
    else index.addUnconditionally(position);
  });
  return index;
}

function sameLayers(
  some: readonly ExpressLayer[],
  others: readonly ExpressLayer[],
): boolean {
  if (some.length !== others.length) return false;
  // Every call comes by here: no function call a layer.
  for (let i = 0; i < some.length; i++) {
    if (some[i] !== others[i]) return false;
  }
  return true;
}

/** Stands for routes that cannot match the path; for another path they are put in behind it. */
function gap(
  path: string,
  layers: ExpressLayer[],
  source: readonly ExpressLayer[],
  from: number,
  to: number,
): ExpressLayer {
  let open = true;
  const layer: ExpressLayer = {
    match: (current) => {
      if (open && current !== path) {
        open = false;
        const leftOut = source.slice(from, to);
        layers.splice(layers.indexOf(layer) + 1, 0, ...leftOut);
      }
      return false;
    },
  };
  return layer;
}
