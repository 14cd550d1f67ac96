import {
  type ConnectMiddleware,
  type ConnectParsing,
  parserFor,
} from '../connect-door.js';
import { nestLayerOf } from './express-gate.js';
import {
  type ExpressLayer,
  isEverywhere,
  knownExpress,
  knownLayers,
  routerOf,
} from './express-router.interface.js';

/** The part of Nest's Express adapter that is used. */
export interface BodyParsing extends ConnectParsing {
  getInstance(): unknown;
}

/**
 * Puts a JSON parser of its own before those of the application, on one path
 * alone: Nest has registered theirs before modules are configured, and a body is
 * read once. Does nothing on an application that is not of Express 5.
 *
 * @param limit bytes that a body may have
 */
export function parseFirst(
  adapter: BodyParsing,
  path: string,
  limit: number,
): void {
  const stack = knownExpress(adapter.getInstance())?.router.stack;
  if (!stack) {
    return;
  }
  const before = stack.length;
  adapter.useBodyParser('json', false, { limit });
  const [layer] = stack.splice(before, 1);
  if (!layer) {
    return;
  }
  const handle = parserFor(path, layer.handle as ConnectMiddleware);
  stack.unshift(Object.assign(layer, { handle }));
}

/**
 * Path of the route that an Express application tries first for a request, as
 * it was registered; undefined where there is none, where it is no text, and
 * for another application than one of Express 5.
 */
export function firstRoutePath(
  instance: unknown,
  method: string,
  path: string,
): string | undefined {
  const stack = knownExpress(instance)?.router.stack ?? [];
  if (!knownLayers(stack)) {
    return undefined;
  }
  const first = stack.find((layer) => takes(layer, method, path))?.route?.path;
  return typeof first === 'string' ? first : undefined;
}

/**
 * The routes of an Express 5 application that are none of Nest's and come before
 * all of its controllers: those that were registered on Express itself, or on
 * the adapter, before `app.init()`. Routers that are mounted for every path are
 * looked into.
 */
export class RoutesBeforeNest {
  private readonly routes: readonly ExpressLayer[];

  constructor(instance: unknown) {
    const stack = knownExpress(instance)?.router.stack ?? [];
    const end = stack.findIndex((layer) => nestLayerOf(layer) === 'controller');
    this.routes = knownLayers(stack)
      ? routesIn(stack.slice(0, Math.max(end, 0)))
      : [];
  }

  /** The pattern of the first that takes a request; undefined where none does. */
  taking(method: string, path: string): string | undefined {
    const first = this.routes.find((layer) => takes(layer, method, path));
    return first && String(first.route?.path);
  }
}

function routesIn(stack: readonly ExpressLayer[]): ExpressLayer[] {
  return stack.flatMap((layer) => {
    if (nestLayerOf(layer) !== undefined) return [];
    if (layer.route !== undefined) return [layer];
    const router = routerOf(layer);
    return router !== undefined && isEverywhere(layer)
      ? routesIn(router.stack)
      : [];
  });
}

function takes(layer: ExpressLayer, method: string, path: string): boolean {
  return (
    (layer.route?.methods?.['_all'] === true ||
      layer.route?.methods?.[method.toLowerCase()] === true) &&
    layer.match(path) !== false
  );
}
