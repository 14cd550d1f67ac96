import { knownExpress, knownLayers } from './express-router.interface.js';

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
