import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExpressRoutePath } from './express-route-index.js';

export type ExpressNext = (error?: unknown) => void;

/** A middleware or a route, as it stands in an Express router. */
export interface ExpressLayer {
  readonly handle?: unknown;
  /** What the layer is, if not a middleware. */
  readonly route?: {
    readonly path: ExpressRoutePath;
    /** By lower-case name; `_all` for every one. */
    readonly methods?: Readonly<Record<string, boolean | undefined>>;
  };
  /** False for a path that is not the layer's. */
  match(path: string): unknown;
}

/** The parts of an Express 5 router that are used. */
export interface ExpressRouter {
  readonly stack: ExpressLayer[];
  /** What `app.param()` registered, by name. */
  readonly params: Readonly<Record<string, unknown>>;
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    done: ExpressNext,
  ): void;
}

/** The parts of an Express 5 application that are used. */
export interface ExpressApplication {
  readonly router: ExpressRouter;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * The application as one of Express 5, undefined where it is not like those
 * known: its router must go through the layers as they stand at the moment.
 */
export function knownExpress(
  instance: unknown,
): ExpressApplication | undefined {
  const application = instance as Partial<ExpressApplication>;
  try {
    // Express 4 throws here.
    const { router } = application;
    return typeof application.handle === 'function' &&
      router !== undefined &&
      readsLiveStack(router)
      ? (application as ExpressApplication)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the router's layers have the known shape. */
export function knownLayers(layers: readonly Partial<ExpressLayer>[]): boolean {
  return layers.every(
    ({ match, route }) =>
      typeof match === 'function' &&
      (route === undefined || route.path !== undefined),
  );
}

/**
 * The `express.Router()` that a layer mounts; a whole application that is mounted
 * shows nothing of itself.
 */
export function routerOf({ handle }: ExpressLayer): ExpressRouter | undefined {
  const router = handle as Partial<ExpressRouter> | undefined;
  return Array.isArray(router?.stack) && typeof router.handle === 'function'
    ? (router as ExpressRouter)
    : undefined;
}

/** Whether Express itself passes every path to the layer. */
export function isEverywhere(
  layer: ExpressLayer & { readonly slash?: boolean },
): boolean {
  return layer.slash === true;
}

/** The router, with other layers. */
export function routerOver(
  router: ExpressRouter,
  stack: ExpressLayer[],
): ExpressRouter {
  const other = Object.create(router) as { stack: ExpressLayer[] };
  other.stack = stack;
  return other as ExpressRouter;
}

function readsLiveStack(router: ExpressRouter): boolean {
  let reached = false;
  const second = { match: () => !(reached = true) };
  const stack: ExpressLayer[] = [{ match: () => stack.push(second) < 0 }];
  routerOver(router, stack).handle(
    { method: 'GET', url: '/', headers: {} } as IncomingMessage,
    {} as ServerResponse,
    () => undefined,
  );
  return (
    Array.isArray(router.stack) && typeof router.params === 'object' && reached
  );
}
