import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Gate } from './express-gate.js';
import { CandidateLayers } from './candidate-layers.js';
import {
  knownExpress,
  routerOver,
  type ExpressApplication,
  type ExpressNext,
  type ExpressRouter,
} from './express-router.interface.js';

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
