import {
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type Type,
} from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
} from '@nestjs/core';
import { AuthCoreModule } from './auth/auth-core.module.js';
import { McpAuthModule } from './auth/mcp-auth.module.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
  ProtectedResources,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import { ContentLoader } from './registry/content.loader.js';
import {
  contentProviders,
  endpointAuth,
  endpointResource,
  transportProviders,
} from './mcp.providers.js';
import { McpOptionsModule } from './mcp.module-definition.js';
import {
  EXTRA_KEYS,
  type McpModuleAsyncOptions,
  type McpModuleExtras,
  type McpModuleOptions,
  MODULE_KEYS,
} from './server/mcp-options.interface.js';
import { RouteProgressInterceptor } from './invocation/route/route-progress.interceptor.js';
import { guardDestinations } from './invocation/route/destination.js';
import { interceptObservableRoutes } from './nest/observable-routes.js';
import { unconfiguredProviders } from './nest/unconfigured-providers.js';
import { McpRegistry } from './registry/mcp.registry.js';
import { RuntimeFactory } from './registry/runtime.factory.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from './server/server-settings.js';
import { checkAsyncOptions } from './options/module-options.js';
import { checkOptions } from './options/option-keys.js';
import { Telemetry } from './telemetry/telemetry.js';
import { ToolExplorer } from './tools/tool.explorer.js';
import { ToolFactory } from './tools/tool.loader.js';
import { ToolLoader } from './tools/tool.loader.js';
import { ToolRegistry } from './tools/tool.registry.js';
import {
  createEndpointController,
  ENDPOINT_CONTROLLER,
  mountEndpoint,
} from './transport/http/mcp.controller.js';
import type { McpController } from './transport/http/mcp.controller.js';
import { EndpointAddress } from './server/mcp-server-instance.js';
import { EndpointNeighbours } from './transport/http/endpoint.neighbours.js';
import { CacheHints } from './transport/features/cache-hints.js';
import { McpContext } from './invocation/call/mcp-context.js';

/**
 * Exposes the application's controllers as the tools of an MCP server. Import
 * it once for each server.
 *
 * A call: transport/mcp.controller → transport → tools/tool.registry →
 * invocation/route.invoker → the user's controller → invocation/result.mapper.
 * Start-up: tools/tool.explorer (reads nest/) → schema → tools/tool.registry.
 *
 * @example
 * ```ts
 * @Module({ imports: [McpModule.forRoot()], controllers: [CatsController] })
 * export class AppModule {}
 * ```
 * @publicApi
 */
@Module({
  imports: [DiscoveryModule, AuthCoreModule],
  providers: unconfiguredProviders('McpModule', [
    ToolLoader,
    ContentLoader,
    ENDPOINT_CONTROLLER,
    EndpointNeighbours,
    CacheHints,
    ENDPOINT_RESOURCE,
  ]),
})
export class McpModule implements NestModule, OnApplicationBootstrap {
  constructor(
    private readonly loader: ToolLoader,
    private readonly contents: ContentLoader,
    private readonly config: ApplicationConfig,
    private readonly discovery: DiscoveryService,
    private readonly adapterHost: HttpAdapterHost,
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    @Inject(ENDPOINT_CONTROLLER)
    private readonly controller: Type<McpController>,
    private readonly address: EndpointAddress,
    private readonly neighbours: EndpointNeighbours,
    private readonly auth: ServerAuth,
    private readonly places: ProtectedResources,
    private readonly cacheHints: CacheHints,
    @Inject(ENDPOINT_RESOURCE) place: ProtectedResource,
  ) {
    places.add(place);
  }

  /**
   * A server whose options are known beforehand.
   *
   * @throws Error for an option that does not exist; at start-up, where an
   * option, a name or a schema cannot be
   */
  static forRoot(
    options: McpModuleOptions & McpModuleExtras = {},
  ): DynamicModule {
    checkOptions('McpModule.forRoot(…)', options, {
      ...MODULE_KEYS,
      ...EXTRA_KEYS,
    });
    const { decorators, guards, controller, ...own } = options;
    const extras = { decorators, guards, controller };
    return compose(McpOptionsModule.of(own), extras);
  }

  /**
   * A server whose options come from a factory; every one may, but for the
   * classes in {@link McpModuleExtras}.
   */
  static forRootAsync(options: McpModuleAsyncOptions): DynamicModule {
    checkAsyncOptions('McpModule', options, MODULE_KEYS, EXTRA_KEYS);
    return compose(McpOptionsModule.ofAsync(options), options);
  }

  /** Nest reads the controller's path only after this, so it may come from a factory. */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    this.address.paths = mountEndpoint(
      this.controller,
      this.settings,
      httpAdapter,
      this.config,
      this.settings.maxRequestBytes ?? this.neighbours.uploadLimit(),
    );
    guardDestinations(httpAdapter, this.config, this.discovery);
    this.neighbours.refuseTaken(this.address.paths);
    interceptObservableRoutes(this.discovery, new RouteProgressInterceptor());
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.auth.prepare();
    this.places.checkDistinct();
    this.cacheHints.check();
    await this.loader.load(this.address.paths[0]);
    await this.contents.load();
    this.neighbours.warnOfShadows(this.address.paths);
    if (this.auth.enabled) {
      this.neighbours.warnOfResource(
        [this.auth.settings.resource ?? []].flat(),
        this.address.paths[0],
      );
    } else {
      this.neighbours.tellOfGuards(this.address.paths[0]);
    }
  }
}

function compose(
  optionsModule: DynamicModule,
  extras: McpModuleExtras,
): DynamicModule {
  const controller = createEndpointController(extras);
  return {
    module: McpModule,
    // So that McpRegistry can be injected anywhere.
    global: true,
    imports: [optionsModule, endpointAuth(optionsModule, controller)],
    controllers: [controller],
    providers: [
      { provide: ENDPOINT_CONTROLLER, useValue: controller },
      endpointResource(controller),
      ...contentProviders,
      ...transportProviders,
      { provide: McpContext, useFactory: () => new McpContext() },
      McpRegistry,
      RuntimeFactory,
      Telemetry,
      ToolExplorer,
      ToolFactory,
      ToolLoader,
      ToolRegistry,
    ],
    exports: [McpContext, McpRegistry, McpAuthModule],
  };
}
