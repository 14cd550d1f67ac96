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
  ModuleRef,
} from '@nestjs/core';
import { AuthCoreModule } from './auth/auth-core.module.js';
import { McpAuthModule } from './auth/mcp-auth.module.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
  ProtectedResources,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import {
  endpointAuth,
  endpointResource,
  type McpModuleAsyncOptions,
  McpOptionsModule,
} from './mcp.module-definition.js';
import { OperationLoader } from './registry/operation.loader.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { MODULE_KEYS } from './server/module-keys.js';
import { RouteProgressInterceptor } from './invocation/call/mcp-call.js';
import { guardDestinations } from './invocation/route/destination.js';
import { interceptObservableRoutes } from './nest/observable-routes.js';
import {
  unconfiguredProviders,
  checkAsyncOptions,
} from './options/module-options.js';
import {
  McpApplication,
  McpApplicationModule,
} from './platform/mcp-application.js';
import { McpRegistry } from './registry/mcp.registry.js';
import { RuntimeFactory } from './registry/runtime.factory.js';
import { checkOptions } from './options/option-keys.js';
import { Telemetry } from './telemetry/telemetry.js';
import { ToolExplorer } from './tools/tool.explorer.js';
import { ToolRegistry } from './tools/tool.registry.js';
import {
  createEndpointController,
  ENDPOINT_CONTROLLER,
  EXTRA_KEYS,
  type McpModuleExtras,
  mountEndpoint,
  type McpController,
} from './transport/http/mcp.controller.js';
import { McpServerInstance } from './server/mcp-server-instance.js';
import { EndpointNeighbours } from './transport/http/endpoint.neighbours.js';
import { CallAccess } from './transport/calls/call-access.js';
import { transportProviders } from './transport/transport.providers.js';
import { CompletionRegistry } from './completions/completion.decorator.js';
import { Invokers } from './invocation/invokers.js';
import { PromptRegistry } from './prompts/prompt.decorator.js';
import { InProcessCalls } from './registry/in-process-calls.js';
import { ResourceCatalog } from './resources/resource.catalog.js';
import { ResourceExplorer } from './resources/resource.factory.js';
import { ResourceRegistry } from './resources/resource.registry.js';
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
  imports: [DiscoveryModule, McpApplicationModule, AuthCoreModule],
  providers: unconfiguredProviders('McpModule', [
    OperationLoader,
    ENDPOINT_CONTROLLER,
    EndpointNeighbours,
    CacheHints,
    CallAccess,
    ENDPOINT_RESOURCE,
  ]),
})
export class McpModule implements NestModule, OnApplicationBootstrap {
  constructor(
    private readonly loader: OperationLoader,
    private readonly config: ApplicationConfig,
    private readonly discovery: DiscoveryService,
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: McpApplication,
    @Inject(ENDPOINT_CONTROLLER)
    private readonly controller: Type<McpController>,
    private readonly server: McpServerInstance,
    private readonly neighbours: EndpointNeighbours,
    private readonly auth: ServerAuth,
    private readonly places: ProtectedResources,
    private readonly cacheHints: CacheHints,
    private readonly access: CallAccess,
    @Inject(ENDPOINT_RESOURCE) place: ProtectedResource,
    parts: ModuleRef,
  ) {
    places.add(place);
    server.madeOf(parts);
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
   * A server whose options come from a factory; every one may, except the
   * classes in {@link McpModuleExtras}.
   */
  static forRootAsync(options: McpModuleAsyncOptions): DynamicModule {
    checkAsyncOptions('McpModule', options, MODULE_KEYS, EXTRA_KEYS);
    return compose(McpOptionsModule.ofAsync(options), options);
  }

  /** Nest reads the controller's path only after this, so it may come from a factory. */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    mountEndpoint(
      this.controller,
      this.server,
      this.application,
      httpAdapter,
      this.config,
      this.server.settings.limits.maxRequestBytes ??
        this.neighbours.uploadLimit(),
    );
    guardDestinations(this.application, this.config, this.discovery);
    this.neighbours.refuseTaken(this.server.paths);
    interceptObservableRoutes(this.discovery, new RouteProgressInterceptor());
  }

  async onApplicationBootstrap(): Promise<void> {
    const [path] = this.server.paths;
    await this.auth.prepare();
    this.places.checkDistinct();
    this.cacheHints.check();
    await this.loader.load(path);
    const { auth, name } = this.server.settings;
    if (path !== undefined) {
      this.access.tellOfOpenDoor(name);
    }
    if (
      auth &&
      auth.verifier === false &&
      !this.auth.tokenIssuer.permitsOpenServer &&
      path !== undefined
    ) {
      this.neighbours.refuseUnguarded(this.controller);
    }
    this.neighbours.warnOfShadows(this.server.paths);
    if (this.auth.enabled) {
      this.neighbours.warnOfResource(
        [this.auth.settings.resource ?? []].flat(),
        path,
      );
    } else {
      this.neighbours.tellOfGuards(path);
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
      ...transportProviders,
      { provide: McpContext, useFactory: () => new McpContext() },
      CompletionRegistry,
      InProcessCalls,
      Invokers,
      McpRegistry,
      OperationLoader,
      PromptRegistry,
      ResourceCatalog,
      ResourceExplorer,
      ResourceRegistry,
      RuntimeFactory,
      Telemetry,
      ToolExplorer,
      ToolRegistry,
    ],
    exports: [McpContext, McpRegistry, McpAuthModule],
  };
}
