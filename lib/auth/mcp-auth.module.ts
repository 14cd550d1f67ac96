import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { Server } from 'node:http';
import { RouteAccess } from './access/access-rule.js';
import {
  AUTH_MODULE_KEYS,
  type McpAuthModuleOptions,
} from './auth-options.interface.js';
import { installRequestContext } from './context/request-context.js';
import { McpSecurityEventsModule } from './audit/security-events.js';
import {
  ProtectedResources,
  ProtectedResourcesModule,
} from './server/protected-resources.js';
import { TokenIssuers, TokenIssuersModule } from './issuer/token-issuers.js';
import { ServerAuth } from './server/server-auth.js';
import { warnWhenExposed } from './server/warn-when-exposed.js';
import { McpMetadataController } from './metadata/mcp-metadata.controller.js';
import {
  McpApplication,
  McpApplicationModule,
} from '../platform/mcp-application.js';
import { checkOptions } from '../options/option-keys.js';
import {
  checkAsyncOptions,
  checkFactoryResult,
} from '../options/module-options.js';
import { unconfiguredProviders } from '../nest/unconfigured-providers.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<McpAuthModuleOptions>({ moduleName: 'McpAuth' })
    .setClassMethodName('forRoot')
    .build();

/**
 * Protects ordinary controllers as `McpModule.forRoot({ auth })` protects an
 * MCP endpoint: put `@UseGuards(McpAuthGuard)` on them, or provide the guard as
 * `APP_GUARD` (with `useClass`). Never both for one endpoint.
 *
 * @example
 * ```ts
 * McpAuthModule.forRoot({
 *   resource: 'https://api.example.com',
 *   verifier: { issuer: 'https://login.example.com' },
 * });
 * ```
 * @publicApi
 */
@Module({
  imports: [
    McpApplicationModule,
    McpSecurityEventsModule,
    ProtectedResourcesModule,
    TokenIssuersModule,
  ],
  providers: unconfiguredProviders('McpAuthModule', [ServerAuth]),
})
export class McpAuthModule
  extends ConfigurableModuleClass
  implements NestModule, OnApplicationBootstrap, OnApplicationShutdown
{
  constructor(
    private readonly auth: ServerAuth,
    private readonly adapterHost: HttpAdapterHost,
    private readonly application: McpApplication,
    places: ProtectedResources,
  ) {
    super();
    places.add({ auth, operations: new RouteAccess() });
  }

  /** @throws Error for an option that does not exist; at start-up, where one cannot be */
  static override forRoot(options: McpAuthModuleOptions): DynamicModule {
    checkOptions('McpAuthModule.forRoot(…)', options, AUTH_MODULE_KEYS);
    return complete(super.forRoot(options));
  }

  /** As `forRoot`, with the options from a factory. */
  static override forRootAsync(
    options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
  ): DynamicModule {
    checkAsyncOptions('McpAuthModule', options, AUTH_MODULE_KEYS);
    return complete(super.forRootAsync(options));
  }

  configure(): void {
    const { httpAdapter } = this.adapterHost;
    installRequestContext(this.application);
    new McpMetadataController(httpAdapter).mount(this.auth);
    this.auth.tokenIssuer.mount();
    warnWhenExposed(httpAdapter.getHttpServer() as Server, this.auth);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.auth.prepare();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.auth.tokenIssuer.close();
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: ServerAuth,
        useFactory: (
          options: McpAuthModuleOptions,
          adapterHost: HttpAdapterHost,
          modules: ModuleRef,
          issuers: TokenIssuers,
        ) => {
          checkFactoryResult('McpAuthModule', options, AUTH_MODULE_KEYS);
          const dependencies = {
            name: options.resourceName ?? 'this API',
            endpointPath: () => '',
            adapterHost,
            modules,
          };
          return ServerAuth.create(options, dependencies, issuers);
        },
        inject: [
          MODULE_OPTIONS_TOKEN,
          HttpAdapterHost,
          ModuleRef,
          TokenIssuers,
        ],
      },
    ],
  };
}
