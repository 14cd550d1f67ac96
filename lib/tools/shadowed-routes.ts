import type { ApplicationConfig } from '@nestjs/core';
import { match } from 'path-to-regexp';
import { compileRoutePath } from '../invocation/encoding/route-path.js';
import { expressPath } from '../platform/express/express-route-index.js';
import { ExpressRouteIndex } from '../platform/express/express-route-index.js';
import type { McpApplication } from '../platform/mcp-application.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';

interface Place {
  readonly route: Route;
  readonly url: RouteUrl;
}

/** An operation that calls a route. */
interface RouteOperation extends Place {
  readonly origin: string;
  /** That calls are made with. */
  readonly httpMethod: string;
}

/** Operations that a warning names. */
const NAMES_TOLD = 3;

/**
 * Warns of operations whose calls would all be refused, as another route takes
 * their URL: one of the application's own that the adapter tries before Nest's
 * (once for each such route), or a sibling that is declared before them.
 *
 * @param operations that call routes
 * @param routes reads all of the application, in the order of their registration
 */
export function warnOfShadowed(
  operations: readonly RouteOperation[],
  application: McpApplication,
  config: ApplicationConfig,
  routes: () => readonly Route[],
  warn: (message: string) => void,
): void {
  // Fastify takes a fixed path before any pattern.
  const before =
    operations.length > 0 && application.hasHttp
      ? application.platform.foreignRoutes()
      : undefined;
  if (!before) return;
  const taken = new Map<string, string[]>();
  const own = operations.filter(({ url, httpMethod, origin }) => {
    const first = before.taking(httpMethod, ordinaryPathOf(url.path));
    if (first === undefined) return true;
    taken.set(first, [...(taken.get(first) ?? []), origin]);
    return false;
  });
  for (const [path, origins] of taken) warn(refusalBy(path, origins));
  const { triesRoutesInOrder } = application.platform;
  if (own.length > 0 && triesRoutesInOrder && isOrdered(config)) {
    const shadowed = new ShadowedRoutes(routes());
    for (const operation of own) shadowed.warnOf(operation, warn);
  }
}

function refusalBy(path: string, origins: readonly string[]): string {
  const others = origins.length - NAMES_TOLD;
  return (
    `The route "${path}", which the application has registered on the adapter ` +
    'before those of Nest, takes the URL of ' +
    origins.slice(0, NAMES_TOLD).join(', ') +
    `${others > 0 ? ` and ${others} more` : ''}: every call is refused. ` +
    'If it is to run for every request, register it by app.use(); if it is to ' +
    'answer what Nest does not, register it after app.init().'
  );
}

/**
 * Finds routes that can never be reached, as one declared before them takes every
 * request: `@Get(':id')` before `@Get('stats')`. Only Express goes by the order.
 */
class ShadowedRoutes {
  private readonly index = new ExpressRouteIndex();
  private readonly places: Place[] = [];

  /** @param routes all of the application, in the order of their registration */
  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      for (const url of route.urls) {
        this.index.add(this.places.length, expressPath(url.path));
        this.places.push({ route, url });
      }
    }
  }

  /** Tells of an operation whose calls would all be refused, and of the route that is in its way. */
  warnOf(
    { route, url, origin, httpMethod }: RouteOperation,
    warn: (message: string) => void,
  ): void {
    const path = ordinaryPathOf(url.path);
    for (const position of this.index.candidatesFor(path)) {
      const place = this.places[position] as Place;
      if (isMethodOf(place.route, route)) return;
      if (
        takes(place, route, url, httpMethod) &&
        match(expressPath(place.url.path))(path) !== false
      ) {
        const other = `${place.route.httpMethod} ${place.url.path} (${place.route.controller.name}.${place.route.methodName})`;
        warn(
          `${origin} cannot be reached: ${other} is declared before it and takes its URL. ` +
            'Every call is refused. Declare it first.',
        );
        return;
      }
    }
  }
}

/** Whether the order of Nest's routes decides in this application. */
function isOrdered(config: ApplicationConfig): boolean {
  // Later versions of Nest can sort them.
  const { getRouteResolutionStrategy } = config as {
    getRouteResolutionStrategy?: () => unknown;
  };
  return (
    (getRouteResolutionStrategy?.call(config) ?? 'declaration') ===
    'declaration'
  );
}

function ordinaryPathOf(path: string): string {
  const compiled = compileRoutePath(path, 'express');
  const values = Object.fromEntries(
    compiled.parameters.map((name) => [name, 'x']),
  );
  return compiled.buildOrdinary(values) ?? compiled.build({});
}

function isMethodOf(one: Route, other: Route): boolean {
  return (
    one.controller === other.controller && one.methodName === other.methodName
  );
}

/** Whether Nest hands the request to the method: others pass it on. */
function takes(
  { route, url }: Place,
  own: Route,
  ownUrl: RouteUrl,
  httpMethod: string,
): boolean {
  return (
    [httpMethod, 'ALL'].includes(route.httpMethod) &&
    (url.version === undefined || url.version === ownUrl.version) &&
    (route.host === undefined || route.host === own.host)
  );
}
