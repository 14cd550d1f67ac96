import type { ServerResponse } from 'node:http';
import { isRoute } from '../../nest/route-metadata.js';
import type {
  ConnectErrorHandler,
  ConnectMiddleware,
  ConnectRequest,
} from '../connect-door.js';
import type { InnerDestination } from '../http-platform.js';
import { decodedPath } from './server.platform.js';

/** The most specific of routes that were registered in a row. */
interface RouteTable {
  lookup(
    method: string,
    path: string,
  ): { readonly handlers: readonly ConnectMiddleware[] } | null;
}

/** A middleware or a table of routes, in the order of their registration. */
interface NodeLayer {
  readonly table?: RouteTable;
  readonly handler?: ConnectMiddleware | ConnectErrorHandler;
  readonly isErrorHandler?: boolean;
  /** Null for a middleware of all paths. */
  readonly matcher?: ((path: string) => unknown) | null;
}

/** The parts of the router of `@nestjs/platform-node` that are used. */
export interface NodeRouter {
  readonly stack: NodeLayer[];
  use(handler: ConnectMiddleware | ConnectErrorHandler): unknown;
}

/** Whether an adapter's instance is such a router, as far as it can be told. */
export function isNodeRouter(instance: unknown): instance is NodeRouter {
  const router = (instance ?? {}) as Partial<
    Record<'use' | 'useExact' | 'hasMiddleware' | 'stack', unknown>
  >;
  return (
    typeof router.use === 'function' &&
    typeof router.useExact === 'function' &&
    typeof router.hasMiddleware === 'function' &&
    Array.isArray(router.stack) &&
    router.stack.every(isKnown)
  );
}

function isKnown({ table, handler, matcher }: NodeLayer): boolean {
  return table === undefined
    ? typeof handler === 'function' && matcher !== undefined
    : typeof table.lookup === 'function';
}

/** The path, where a route takes a request that is none of Nest's and comes before all of its controllers. */
export function takenBy(
  { stack }: NodeRouter,
  method: string,
  path: string,
): string | undefined {
  for (const { table } of stack) {
    const handlers = table?.lookup(method, decodedPath(path))?.handlers ?? [];
    if (handlers.length > 0) {
      return handlers.some(isRoute) ? undefined : path;
    }
  }
  return undefined;
}

/** Undefined for a request that may go anywhere. */
type Gate = (request: ConnectRequest) => InnerDestination | undefined;

/**
 * Closes the layers of a router to gated requests that have no business in them:
 * routes that are none of Nest's, and middleware of a path that no other value
 * would lead to. Nest's controllers have a check of their own.
 */
export class NodeGate {
  private readonly closed = new WeakSet<NodeLayer>();
  private known: readonly NodeLayer[] = [];

  constructor(
    private readonly router: NodeRouter,
    private readonly gate: Gate,
  ) {}

  /** To be called before each such request, as layers may come at any time. */
  close(): void {
    const { stack } = this.router;
    let same = stack.length === this.known.length;
    for (let i = 0; same && i < stack.length; i++) {
      same = stack[i] === this.known[i];
    }
    if (same) return;
    this.known = [...stack];
    for (const layer of stack) {
      if (this.closed.has(layer)) continue;
      this.closed.add(layer);
      if (layer.table) gateTable(layer.table, this.gate);
      else gateMiddleware(layer, this.gate);
    }
  }
}

function gateTable(table: RouteTable, gate: Gate): void {
  const closed = new WeakMap<ConnectMiddleware, ConnectMiddleware>();
  const closedTo = (handler: ConnectMiddleware): ConnectMiddleware => {
    let known = closed.get(handler);
    if (known === undefined) {
      known = isRoute(handler) ? handler : pass(handler, gate, () => false);
      closed.set(handler, known);
    }
    return known;
  };
  const lookup = table.lookup.bind(table);
  table.lookup = (method, path) => {
    const found = lookup(method, path);
    return found && { ...found, handlers: found.handlers.map(closedTo) };
  };
}

function gateMiddleware(layer: NodeLayer, gate: Gate): void {
  const { matcher, handler, isErrorHandler } = layer;
  if (!matcher || !handler || isErrorHandler) return;
  const isOnEveryWay = ({ ordinaryPath }: InnerDestination): boolean =>
    ordinaryPath === undefined || Boolean(matcher(decodedPath(ordinaryPath)));
  const closed = pass(handler as ConnectMiddleware, gate, isOnEveryWay);
  // The adapter knows its parsers by their names.
  Object.defineProperty(closed, 'name', { value: handler.name });
  Object.assign(layer, { handler: closed });
}

function pass(
  handler: ConnectMiddleware,
  gate: Gate,
  mayEnter: (destination: InnerDestination) => boolean,
): ConnectMiddleware {
  return (
    request: ConnectRequest,
    response: ServerResponse,
    next: (error?: unknown) => void,
  ) => {
    const destination = gate(request);
    if (
      destination === undefined ||
      destination.isReached ||
      mayEnter(destination)
    ) {
      // A promise is the router's to follow.
      return handler(request, response, next);
    }
    destination.refuse();
  };
}
