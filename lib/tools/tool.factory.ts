import { Inject, Injectable, Logger } from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost } from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider.invoker.js';
import { RouteInvoker } from '../invocation/route.invoker.js';
import { loadSchemaSources } from '../schema/sources/schema.loader.js';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import { createProviderTool } from './provider-tool.js';
import { createRouteTool } from './route-tool.js';
import type { ToolBuild } from './tool-build.interface.js';
import type { NamedCandidate } from './tool-filter.js';
import type { Tool } from './tool.interface.js';

/** Builds tools: everything that does not change from call to call is computed here. */
@Injectable()
export class ToolFactory {
  private readonly logger = new Logger('McpTool');
  private readonly providers: ProviderInvoker;
  private routes: RouteInvoker | undefined;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly adapterHost: HttpAdapterHost,
    contexts: ExternalContextCreator,
  ) {
    this.providers = new ProviderInvoker(contexts);
  }

  /** @throws Error naming the decorated tool whose schema or route cannot be */
  async create(
    candidates: readonly NamedCandidate[],
    warn: (message: string) => void,
  ): Promise<Tool[]> {
    const build: ToolBuild = {
      settings: this.settings,
      sources: await loadSchemaSources(),
      logger: this.logger,
      warn,
    };
    const callable = candidates.filter((each) => this.isCallable(each));
    if (callable.length < candidates.length) {
      warn(
        `${candidates.length - callable.length} tools are routes, and this ` +
          'application has no HTTP. Create it by NestFactory.create() to serve them.',
      );
    }
    return callable.flatMap((each) => this.build(each, build) ?? []);
  }

  /** Undefined for a route that nobody asked for by name, and that cannot be described. */
  private build(
    { name, candidate }: NamedCandidate,
    build: ToolBuild,
  ): Tool | undefined {
    if (candidate.kind === 'provider') {
      return createProviderTool(name, candidate, build, this.providers);
    }
    try {
      return createRouteTool(name, candidate, build, this.routeInvoker());
    } catch (error) {
      if (candidate.isDecorated) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      build.warn(`${candidate.origin} is not exposed: ${reason}`);
      return undefined;
    }
  }

  /** An application context has no routes. */
  private isCallable({ candidate }: NamedCandidate): boolean {
    const adapter = this.adapterHost.httpAdapter as unknown;
    return candidate.kind !== 'route' || !!adapter;
  }

  /** Made when first needed: the adapter's routes must be registered by then. */
  private routeInvoker(): RouteInvoker {
    return (this.routes ??= new RouteInvoker(this.adapterHost.httpAdapter));
  }
}
