import {
  type DynamicModule,
  Inject,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type Type,
} from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryModule,
  DiscoveryService,
  HttpAdapterHost,
} from '@nestjs/core';
import type { Server } from 'node:http';
import { UpstreamTokens } from './auth/authorization-server/upstream/upstream-tokens.js';
import { McpSecurityEventsModule } from './auth/events/security-events.js';
import {
  OWN_PLACE,
  type ProtectedPlace,
  ProtectedPlaces,
  ProtectedPlacesModule,
} from './auth/guards/protected-places.js';
import { ServerAuth } from './auth/guards/server-auth.js';
import { watchBinding } from './auth/guards/watch-binding.js';
import { McpMetadataController } from './auth/metadata/mcp-metadata.controller.js';
import { authProviders } from './auth.providers.js';
import { ContentLoader } from './content.loader.js';
import { contentProviders } from './content.providers.js';
import {
  MCP_MODULE_OPTIONS,
  McpOptionsModule,
} from './mcp.module-definition.js';
import {
  EXTRA_KEYS,
  type McpModuleAsyncOptions,
  type McpModuleExtras,
  type McpModuleOptions,
  MODULE_KEYS,
} from './mcp-options.interface.js';
import { RouteProgressInterceptor } from './invocation/route-progress.interceptor.js';
import { guardDestinations } from './invocation/request/destination.guard.js';
import { interceptObservableRoutes } from './nest/observable-routes.js';
import { unconfiguredProviders } from './nest/unconfigured-providers.js';
import { McpRegistry } from './mcp.registry.js';
import { RuntimeFactory } from './runtime/runtime.factory.js';
import {
  resolveSettings,
  SERVER_SETTINGS,
  type ServerSettings,
} from './server-settings.js';
import { checkAsyncOptions } from './options/module-options.js';
import { checkOptions } from './options/option-keys.js';
import { Telemetry } from './telemetry/telemetry.js';
import { ToolExplorer } from './tools/tool.explorer.js';
import { ToolFactory } from './tools/tool.factory.js';
import { ToolLoader } from './tools/tool.loader.js';
import { ToolRegistry } from './tools/tool.registry.js';
import {
  createEndpointController,
  ENDPOINT_CONTROLLER,
  mountEndpoint,
} from './transport/endpoint.controller.js';
import type { McpController } from './transport/mcp.controller.js';
import { EndpointAddress } from './transport/endpoint.address.js';
import { EndpointNeighbours } from './transport/endpoint.neighbours.js';
import { transportProviders } from './transport.providers.js';
import { CacheHints } from './transport/cache-hints.js';
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
  imports: [DiscoveryModule, McpSecurityEventsModule, ProtectedPlacesModule],
  providers: unconfiguredProviders('McpModule', [
    ToolLoader,
    ContentLoader,
    SERVER_SETTINGS,
    ENDPOINT_CONTROLLER,
    EndpointAddress,
    EndpointNeighbours,
    ServerAuth,
    CacheHints,
    OWN_PLACE,
  ]),
})
export class McpModule
  implements NestModule, OnApplicationBootstrap, OnApplicationShutdown
{
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
    private readonly places: ProtectedPlaces,
    private readonly cacheHints: CacheHints,
    @Inject(OWN_PLACE) place: ProtectedPlace,
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
    if (this.auth.enabled) {
      new McpMetadataController(httpAdapter).mount(this.auth);
    }
    this.auth.localIssuer.mount();
    watchBinding(httpAdapter.getHttpServer() as Server, this.auth);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.auth.prepare();
    this.places.checkDistinct();
    this.cacheHints.check();
    await this.loader.load(this.address.paths[0]);
    await this.contents.load();
    const { auth } = this.settings;
    if (auth && auth.verifier === false && this.address.paths.length > 0) {
      this.neighbours.refuseUnguarded(this.controller);
    }
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

  async onApplicationShutdown(): Promise<void> {
    await this.auth.localIssuer.close();
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
    imports: [optionsModule],
    controllers: [controller],
    providers: [
      {
        provide: SERVER_SETTINGS,
        useFactory: resolveSettings,
        inject: [MCP_MODULE_OPTIONS],
      },
      { provide: ENDPOINT_CONTROLLER, useValue: controller },
      ...authProviders(controller),
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
    exports: [McpContext, McpRegistry, UpstreamTokens],
  };
}
