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
  ModuleRef,
} from '@nestjs/core';
import type { Server } from 'node:http';
import { CallerUpstreamTokens } from './auth/authorization-server/upstream/caller-upstream-tokens.js';
import { UpstreamTokens } from './auth/authorization-server/upstream/upstream-tokens.js';
import { McpSecurityEventsModule } from './auth/events/security-events.js';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import {
  OWN_PLACE,
  type ProtectedPlace,
  ProtectedPlaces,
  ProtectedPlacesModule,
} from './auth/guards/protected-places.js';
import { ServerAuth } from './auth/guards/server-auth.js';
import { watchBinding } from './auth/guards/watch-binding.js';
import { McpMetadataController } from './auth/metadata/mcp-metadata.controller.js';
import {
  MCP_MODULE_OPTIONS,
  McpOptionsModule,
} from './mcp.module-definition.js';
import type {
  McpModuleAsyncOptions,
  McpModuleExtras,
  McpModuleOptions,
} from './mcp-options.interface.js';
import { RouteProgressInterceptor } from './invocation/route-progress.interceptor.js';
import { hasGuards } from './nest/controller-guards.js';
import { interceptObservableRoutes } from './nest/observable-routes.js';
import { McpRegistry } from './mcp.registry.js';
import { RuntimeFactory } from './runtime/runtime.factory.js';
import {
  resolveSettings,
  SERVER_SETTINGS,
  type ServerSettings,
} from './server-settings.js';
import { Telemetry } from './telemetry/telemetry.js';
import { ContentLoader } from './content.loader.js';
import { contentProviders } from './content.providers.js';
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
import { McpEndpoint } from './transport/mcp.endpoint.js';
import { CallRefusal } from './transport/call-refusal.js';
import { EndpointAccess } from './transport/endpoint.access.js';
import { EndpointAddress } from './transport/endpoint.address.js';
import { CallAccess } from './transport/call-access.js';
import { CacheHints } from './transport/cache-hints.js';
import { CallRunner } from './transport/call.runner.js';
import { ChannelFactory } from './transport/channels/channel.factory.js';
import { EventAudience } from './transport/events/event.audience.js';
import { ServerEvents } from './transport/events/server-events.js';
import { LocalCalls } from './transport/local-calls.js';
import { SubscriptionLimit } from './transport/subscriptions/subscription.limit.js';
import { featureProviders } from './transport/features/server-features.js';
import { Pages } from './transport/pages.js';
import { ParamHeaders } from './transport/param-headers.js';
import { McpContext } from './invocation/call/mcp-context.js';
import { FastPath } from './transport/fast-path/fast-path.js';
import { McpServerFactory } from './transport/mcp-server.factory.js';

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
@Module({})
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
   * @throws Error at start-up, where an option, a name or a schema cannot be
   */
  static forRoot(
    options: McpModuleOptions & McpModuleExtras = {},
  ): DynamicModule {
    return compose(McpOptionsModule.of(options), options);
  }

  /**
   * A server whose options come from a factory; every one may, but for the
   * classes in {@link McpModuleExtras}.
   */
  static forRootAsync(options: McpModuleAsyncOptions): DynamicModule {
    return compose(McpOptionsModule.ofAsync(options), options);
  }

  /** Nest reads the controller's path only after this, so it may come from a factory. */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    this.address.path = mountEndpoint(
      this.controller,
      this.settings,
      httpAdapter,
      this.config,
    );
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
    await this.loader.load();
    await this.contents.load();
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
    imports: [
      optionsModule,
      DiscoveryModule,
      McpSecurityEventsModule,
      ProtectedPlacesModule,
    ],
    controllers: [controller],
    providers: [
      {
        provide: SERVER_SETTINGS,
        useFactory: resolveSettings,
        inject: [MCP_MODULE_OPTIONS],
      },
      { provide: ENDPOINT_CONTROLLER, useValue: controller },
      {
        provide: ServerAuth,
        useFactory: (
          { auth }: McpModuleOptions,
          { name, title }: ServerSettings,
          address: EndpointAddress,
          { httpAdapter }: HttpAdapterHost,
          modules: ModuleRef,
          config: ApplicationConfig,
        ) =>
          new ServerAuth(auth, {
            name: title ?? name,
            endpointPath: () => address.path,
            adapter: httpAdapter,
            modules,
            isGuarded: () => hasGuards(controller, config, McpAuthGuard),
          }),
        inject: [
          MCP_MODULE_OPTIONS,
          SERVER_SETTINGS,
          EndpointAddress,
          HttpAdapterHost,
          ModuleRef,
          ApplicationConfig,
        ],
      },
      {
        provide: UpstreamTokens,
        useFactory: ({ httpAdapter }: HttpAdapterHost) =>
          new CallerUpstreamTokens(httpAdapter),
        inject: [HttpAdapterHost],
      },
      EndpointAccess,
      {
        provide: OWN_PLACE,
        useFactory: (
          auth: ServerAuth,
          operations: EndpointAccess,
          { name }: ServerSettings,
        ): ProtectedPlace => ({ auth, operations, endpoint: controller, name }),
        inject: [ServerAuth, EndpointAccess, SERVER_SETTINGS],
      },
      EndpointAddress,
      CallAccess,
      CallRefusal,
      CallRunner,
      Telemetry,
      ChannelFactory,
      CacheHints,
      Pages,
      ParamHeaders,
      EventAudience,
      ServerEvents,
      SubscriptionLimit,
      LocalCalls,
      RuntimeFactory,
      ...featureProviders,
      { provide: McpContext, useFactory: () => new McpContext() },
      ...contentProviders,
      ToolExplorer,
      ToolFactory,
      ToolLoader,
      ToolRegistry,
      McpServerFactory,
      FastPath,
      McpEndpoint,
      McpRegistry,
    ],
    exports: [McpContext, McpRegistry, UpstreamTokens],
  };
}
