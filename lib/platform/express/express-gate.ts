import { type HttpServer, RequestMethod } from '@nestjs/common';
import { isRoute } from '../../nest/route-metadata.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { InnerDestination } from '../http-platform.js';
import {
  type ExpressLayer,
  type ExpressNext,
  isEverywhere,
  knownExpress,
  routerOf,
  routerOver,
} from './express-router.interface.js';

/** What Nest has put in an Express router. */
type NestLayer = 'controller' | 'middleware';

type Registration = (...args: unknown[]) => unknown;

const layers = new WeakMap<ExpressLayer, NestLayer>();

/** Undefined for what the application registered on the adapter, or on Express itself. */
export function nestLayerOf(layer: ExpressLayer): NestLayer | undefined {
  return layers.get(layer);
}

/**
 * Notes which layers of an Express router Nest registers for controllers and for
 * middleware. They could not be told later: agents that watch an application put
 * functions of their own in their place. To be called while modules are configured.
 */
export function noteNestLayers(adapter: HttpServer): void {
  const application = knownExpress(adapter.getInstance());
  if (application === undefined) return;
  const noting = (kind: NestLayer, register: () => unknown): unknown => {
    const before = application.router.stack.length;
    const result = register();
    const added = application.router.stack.slice(before);
    for (const layer of added) layers.set(layer, kind);
    return result;
  };
  const methods = adapter as unknown as Record<string, Registration>;
  for (const name of verbs()) {
    const register = methods[name];
    if (typeof register !== 'function') continue;
    methods[name] = (...args) => {
      const handler = args.at(-1);
      // Nest copies the metadata of a method to what it registers for it.
      return typeof handler === 'function' && isRoute(handler)
        ? noting('controller', () => register.apply(adapter, args))
        : register.apply(adapter, args);
    };
  }
  const createFactory = methods['createMiddlewareFactory'] as Registration;
  methods['createMiddlewareFactory'] = async (...args) => {
    const register = (await createFactory.apply(adapter, args)) as Registration;
    return (...route: unknown[]) =>
      noting('middleware', () => register(...route));
  };
}

function verbs(): string[] {
  return Object.values(RequestMethod)
    .filter((name) => typeof name === 'string')
    .map((name) => name.toLowerCase());
}

/** Undefined for a request that may go anywhere. */
export type Gate = (request: IncomingMessage) => InnerDestination | undefined;

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
  { ordinaryPath }: InnerDestination,
  base: string,
): boolean {
  if (ordinaryPath === undefined || isEverywhere(layer)) return true;
  const depth = base.split('/').length;
  const path = `/${ordinaryPath.split('/').slice(depth).join('/')}`;
  return Boolean(layer.match(path));
}
