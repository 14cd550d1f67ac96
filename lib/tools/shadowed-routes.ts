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
}

/**
 * Finds routes that can never be reached, as one declared before them takes every
 * request: `@Get(':id')` before `@Get('stats')`. Only Express goes by the order.
 */
export class ShadowedRoutes {
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
    { route, url, origin }: RouteOperation,
    httpMethod: string,
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

/** Whether the order of routes decides in this application. */
export function isOrdered(
  application: McpApplication,
  config: ApplicationConfig,
): boolean {
  // Later versions of Nest can sort them.
  const { getRouteResolutionStrategy } = config as {
    getRouteResolutionStrategy?: () => unknown;
  };
  return (
    application.hasHttp &&
    application.platform.triesRoutesInOrder &&
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
