import { Injectable, Logger } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ExternalContextCreator,
  ModulesContainer,
} from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider/provider.invoker.js';
import { RouteInvoker } from '../invocation/route/route.invoker.js';
import { versionHeaders } from '../nest/endpoint-path.js';
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
import type { ToolBuild } from '../server/server-settings.js';
import { McpApplication } from '../platform/mcp-application.js';
import { isOrdered, ShadowedRoutes } from '../tools/shadowed-routes.js';
import { isHidden } from '../tools/tool.decorator.js';
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
    ].filter(({ owner, methodName }) => !isHidden(owner, methodName));
  }

  /** Warns of resources whose route another one keeps from being reached. */
  warnOfShadowed(
    candidates: readonly ResourceCandidate[],
    warn: (message: string) => void,
  ): void {
    const routes = candidates.flatMap((each) =>
      each.kind === 'route' ? [each] : [],
    );
    if (routes.length === 0 || !isOrdered(this.application, this.config)) {
      return;
    }
    const shadowed = new ShadowedRoutes(readRoutes(this.sources));
    for (const candidate of routes) {
      shadowed.warnOf(candidate, candidate.route.httpMethod, warn);
    }
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

/** Finds and builds the resources of the application. */
@Injectable()
export class ResourceFactory {
  private readonly logger = new Logger('McpResource');
  private readonly providers: ProviderInvoker;
  private routes: RouteInvoker | undefined;

  constructor(
    private readonly explorer: ResourceExplorer,
    private readonly application: McpApplication,
    contexts: ExternalContextCreator,
  ) {
    this.providers = new ProviderInvoker(contexts);
  }

  /** @throws Error naming what cannot be a resource */
  create(shared: Omit<ToolBuild, 'logger'>): Resource[] {
    const build = { ...shared, logger: this.logger };
    const candidates = this.explorer.explore();
    const callable = candidates.filter(
      ({ kind }) => kind !== 'route' || this.hasRoutes,
    );
    if (callable.length < candidates.length) {
      build.warn(
        `${candidates.length - callable.length} resources are routes, and this ` +
          'application has no HTTP. Create it by NestFactory.create() to serve them.',
      );
    }
    this.explorer.warnOfShadowed(callable, build.warn);
    return callable.map((candidate) =>
      candidate.kind === 'route'
        ? createRouteResource(candidate, build, this.routeInvoker())
        : createProviderResource(candidate, build, this.providers),
    );
  }

  /** An application context has none. */
  private get hasRoutes(): boolean {
    return this.application.hasHttp;
  }

  /** Made when first needed: the adapter's routes must be registered by then. */
  private routeInvoker(): RouteInvoker {
    return (this.routes ??= new RouteInvoker(this.application.platform));
  }
}
