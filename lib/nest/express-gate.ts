import type { IncomingMessage, ServerResponse } from 'node:http';
import { nestLayerOf } from './express-nest-layers.js';
import {
  isEverywhere,
  routerOf,
  routerOver,
  type ExpressLayer,
  type ExpressNext,
} from './express-router.interface.js';

/** Where a request may arrive. */
export interface GatedRequest {
  /** Whether it has arrived, and may go on from there. */
  readonly isReached: boolean;
  /** Its path with other values in it; undefined where there is no value in it. */
  readonly ordinaryPath: string | undefined;
  /** Ends the request: it goes no further. */
  refuse(): void;
}

/** Undefined for a request that may go anywhere. */
export type Gate = (request: IncomingMessage) => GatedRequest | undefined;

type HandleRequest = (
  request: IncomingMessage & { readonly baseUrl?: string },
  response: ServerResponse,
  next: ExpressNext,
) => void;

/**
 * The layer, but closed to gated requests that have no business in it: routes
 * that are none of Nest's, and whatever is mounted at a path that no other value
 * would lead to. Nest's controllers have a check of their own, which knows the
 * version and the host, too; middleware on every way runs as it does over HTTP.
 *
 * @param base the path at which the layer's router is mounted, as in the request
 */
export function gatedLayer(
  layer: ExpressLayer,
  gate: Gate,
  base = '',
): ExpressLayer {
  const nest = nestLayerOf(layer);
  const { handle, handleRequest } = layer as ExpressLayer & {
    readonly handleRequest?: HandleRequest;
  };
  const router = routerOf(layer);
  if (
    nest === 'controller' ||
    handleRequest === undefined ||
    isErrorHandler(handle) ||
    (isEverywhere(layer) && router === undefined)
  ) {
    return layer;
  }
  const pass: HandleRequest = (request, response, next) => {
    const gated = gate(request);
    if (gated === undefined || gated.isReached) {
      handleRequest.call(layer, request, response, next);
    } else if (
      (layer.route !== undefined && nest !== 'middleware') ||
      !isOnEveryWay(layer, gated, base)
    ) {
      gated.refuse();
    } else if (router === undefined) {
      handleRequest.call(layer, request, response, next);
    } else {
      const inner = router.stack.map((each) =>
        gatedLayer(each, gate, request.baseUrl),
      );
      routerOver(router, inner).handle(request, response, next);
    }
  };
  return Object.create(layer, {
    handleRequest: { value: pass },
  }) as ExpressLayer;
}

function isErrorHandler(handle: unknown): boolean {
  return typeof handle === 'function' && handle.length > 3;
}

function isOnEveryWay(
  layer: ExpressLayer,
  { ordinaryPath }: GatedRequest,
  base: string,
): boolean {
  if (ordinaryPath === undefined || isEverywhere(layer)) return true;
  const depth = base.split('/').length;
  const path = `/${ordinaryPath.split('/').slice(depth).join('/')}`;
  return Boolean(layer.match(path));
}
