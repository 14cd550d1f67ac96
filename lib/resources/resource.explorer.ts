import { Injectable } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  HttpAdapterHost,
  ModulesContainer,
} from '@nestjs/core';
import {
  decoratedMethods,
  refuseControllerMethods,
} from '../nest/provider-methods.js';
import {
  isRoute,
  readRoutes,
  type RouteSources,
} from '../nest/route-metadata.js';
import type { Route } from '../nest/route.interface.js';
import { versionHeaders } from '../nest/versioning.js';
import { isHidden } from '../tools/is-hidden.js';
import { warnOfShadowed } from '../tools/shadowed-routes.js';
import type {
  ResourceCandidate,
  RouteResourceCandidate,
} from './resource-candidate.interface.js';
import { RESOURCE_METADATA } from './resource.decorator.js';
import type { McpResourceOptions } from './resource-options.interface.js';

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
    private readonly adapterHost: HttpAdapterHost,
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
    ].filter(({ owner, methodName }) => !isHidden(owner, methodName));
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
      this.adapterHost.httpAdapter,
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
      return options ? [this.candidate(route, options)] : [];
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
