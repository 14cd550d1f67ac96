import type { IncomingMessage, ServerResponse } from 'node:http';
import { comparablePath } from './express-route-index.js';
import {
  type ExpressNext,
  knownExpress,
  knownLayers,
} from './express-router.interface.js';

/** The part of Nest's Express adapter that is used. */
export interface BodyParsing {
  getInstance(): unknown;
  useBodyParser(type: 'json', rawBody: boolean, options: object): unknown;
}

type Middleware = (
  request: IncomingMessage & { readonly path?: string },
  response: ServerResponse,
  next: ExpressNext,
) => void;

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
  const parse = layer.handle as Middleware;
  const own = comparablePath(path);
  const parseOwn: Middleware = (request, response, next) => {
    if (comparablePath(request.path ?? '') === own) {
      parse(request, response, next);
    } else {
      next();
    }
  };
  stack.unshift(Object.assign(layer, { handle: parseOwn }));
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
  const first = stack.find(
    (layer) =>
      (layer.route?.methods?.['_all'] === true ||
        layer.route?.methods?.[method.toLowerCase()] === true) &&
      layer.match(path) !== false,
  )?.route?.path;
  return typeof first === 'string' ? first : undefined;
}
