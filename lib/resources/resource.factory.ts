import { Injectable, Logger } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost } from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider.invoker.js';
import { RouteInvoker } from '../invocation/route.invoker.js';
import type { ToolBuild } from '../tools/tool-build.interface.js';
import { createProviderResource } from './provider-resource.js';
import { ResourceExplorer } from './resource.explorer.js';
import type { Resource } from './resource.interface.js';
import { createRouteResource } from './route-resource.js';

/** Finds and builds the resources of the application. */
@Injectable()
export class ResourceFactory {
  private readonly logger = new Logger('McpResource');
  private readonly providers: ProviderInvoker;
  private routes: RouteInvoker | undefined;

  constructor(
    private readonly explorer: ResourceExplorer,
    private readonly adapterHost: HttpAdapterHost,
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
    return !!(this.adapterHost.httpAdapter as unknown);
  }

  /** Made when first needed: the adapter's routes must be registered by then. */
  private routeInvoker(): RouteInvoker {
    return (this.routes ??= new RouteInvoker(this.adapterHost.httpAdapter));
  }
}
