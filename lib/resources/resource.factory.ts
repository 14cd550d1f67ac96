import { Injectable } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ModulesContainer,
} from '@nestjs/core';
import { versionHeaders } from '../nest/endpoint-path.js';
import {
  decoratedMethods,
  isHidden,
  refuseControllerMethods,
} from '../nest/provider-methods.js';
import {
  isRoute,
  readRoutes,
  type RouteSources,
} from '../nest/route-metadata.js';
import type { Route } from '../nest/route.interface.js';
import { McpApplication } from '../platform/mcp-application.js';
import type { OperationBuild } from '../server/server-settings.js';
import { warnOfShadowed } from '../tools/shadowed-routes.js';
import { createProviderResource } from './provider-resource.js';
import {
  type McpResourceOptions,
  RESOURCE_METADATA,
} from './resource.decorator.js';
import type {
  Resource,
  ResourceCandidate,
  RouteResourceCandidate,
} from './resource.registry.js';
import { createRouteResource } from './route-resource.js';

const KIND = {
  metadata: RESOURCE_METADATA,
  decorator: '@McpResource()',
  plural: 'resources',
};

/** Finds the methods and routes that carry `@McpResource()`. */
@Injectable()
export class ResourceExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly application: McpApplication,
  ) {}

  /** @throws Error where the decorator stands on something that cannot be a resource */
  explore(): ResourceCandidate[] {
    refuseControllerMethods(this.discovery, KIND, (handler) =>
      isRoute(handler)
        ? undefined
        : 'a controller method that is no route. Give it @Get(), or move it to a provider.',
    );
    const methods = decoratedMethods<McpResourceOptions>(this.discovery, KIND);
    return [
      ...methods.map((method) => ({ kind: 'provider' as const, ...method })),
      ...this.routes(),
    ];
  }

  /** Warns of resources whose route another one keeps from being reached. */
  warnOfShadowed(
    candidates: readonly ResourceCandidate[],
    warn: (message: string) => void,
  ): void {
    warnOfShadowed(
      candidates.flatMap((each) =>
        each.kind === 'route' ? [{ ...each, httpMethod: 'GET' }] : [],
      ),
      this.application,
      this.config,
      () => readRoutes(this.sources),
      warn,
    );
  }

  private get sources(): RouteSources {
    const { discovery, config, modules } = this;
    return { discovery, config, modules };
  }

  private routes(): RouteResourceCandidate[] {
    return readRoutes(this.sources, (handler) =>
      Reflect.hasMetadata(RESOURCE_METADATA, handler),
    ).flatMap((route) => {
      const options = Reflect.getMetadata(RESOURCE_METADATA, route.handler) as
        McpResourceOptions | undefined;
      return options && !isHidden(route.controller, route.handler)
        ? [this.candidate(route, options)]
        : [];
    });
  }

  private candidate(
    route: Route,
    options: McpResourceOptions,
  ): RouteResourceCandidate {
    // Where the method answers without a version, too, that is what is read.
    const url =
      route.urls.find(({ version }) => version === undefined) ?? route.urls[0];
    const origin = `${route.httpMethod} ${url?.path ?? ''} (${route.controller.name}.${route.methodName})`;
    const refuse = (problem: string): never => {
      throw new Error(`${origin} cannot be a resource: ${problem}`);
    };
    if (route.httpMethod !== 'GET') {
      refuse('only a GET route can be read.');
    }
    if (route.sse) {
      refuse('its answer is a stream of events, which does not end.');
    }
    const headers = url && versionHeaders(url, this.config);
    if (!url || !headers) {
      return refuse(
        'CUSTOM versioning cannot tell which request leads to it. Put ' +
          '@McpResource() on a method of a provider.',
      );
    }
    return {
      kind: 'route',
      owner: route.controller,
      methodName: route.methodName,
      options,
      origin,
      route,
      url,
      headers,
    };
  }
}

/**
 * Finds and builds the resources of the application.
 *
 * @throws Error naming what stands in a resource's way
 */
export function createResources(
  explorer: ResourceExplorer,
  build: OperationBuild,
): Resource[] {
  const candidates = build.invokers.callable(
    explorer.explore(),
    ({ kind }) => kind === 'route',
    'resources',
    build.warn,
  );
  explorer.warnOfShadowed(candidates, build.warn);
  return candidates.map((candidate) =>
    candidate.kind === 'route'
      ? createRouteResource(candidate, build)
      : createProviderResource(candidate, build),
  );
}
