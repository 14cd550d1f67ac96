import {
  type ClassProvider,
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type Provider,
  type Type,
} from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import { McpAuthModule } from './auth/mcp-auth.module.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import { hasGuards } from './nest/controller-guards.js';
import { checkFactoryResult } from './options/module-options.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { McpServerInstance } from './server/mcp-server-instance.js';
import { MODULE_KEYS } from './server/module-keys.js';
import { resolveSettings, SERVER_SETTINGS } from './server/server-settings.js';
import { EndpointAccess } from './transport/http/endpoint.access.js';
import {
  EXTRA_KEYS,
  type McpController,
  type McpModuleExtras,
} from './transport/http/mcp.controller.js';

/** Makes the options of `forRootAsync({ useClass | useExisting })`. @publicApi */
export interface McpOptionsFactory {
  createMcpOptions(): McpModuleOptions | Promise<McpModuleOptions>;
}

/** Argument of `McpModule.forRootAsync`. @publicApi */
export interface McpModuleAsyncOptions
  extends McpModuleExtras, Pick<ModuleMetadata, 'imports'> {
  readonly useFactory?: (
    ...dependencies: never[]
  ) => McpModuleOptions | Promise<McpModuleOptions>;
  readonly inject?: readonly ClassProvider['provide'][];
  readonly useClass?: Type<McpOptionsFactory>;
  readonly useExisting?: Type<McpOptionsFactory>;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<McpModuleOptions>({ moduleName: 'Mcp' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMcpOptions')
    .build();

/** Injection token of one server's {@link McpModuleOptions}, as given. */
const MCP_MODULE_OPTIONS = MODULE_OPTIONS_TOKEN;

/**
 * Holds the options of one `forRoot` call, and the server that they are for. A module of its own, imported by
 * reference, because an imported module cannot see its importer's options.
 */
@Module({})
export class McpOptionsModule extends ConfigurableModuleClass {
  static of(options: McpModuleOptions): DynamicModule {
    return exporting(this.forRoot(options));
  }

  static ofAsync(options: McpModuleAsyncOptions): DynamicModule {
    return exporting(
      this.forRootAsync(
        options as Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
      ),
    );
  }
}

function exporting(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: SERVER_SETTINGS,
        useFactory: (options: McpModuleOptions) => {
          checkFactoryResult('McpModule', options, MODULE_KEYS, EXTRA_KEYS);
          return resolveSettings(options);
        },
        inject: [MCP_MODULE_OPTIONS],
      },
      McpServerInstance,
    ],
    exports: [MCP_MODULE_OPTIONS, SERVER_SETTINGS, McpServerInstance],
  };
}

/** Who may come in at the endpoint of one server. */
export const endpointAuth = (
  optionsModule: DynamicModule,
  endpoint: Type<McpController>,
): DynamicModule =>
  McpAuthModule.forEndpoint([optionsModule], {
    useFactory: (
      { auth, secrets }: McpModuleOptions,
      server: McpServerInstance,
      config: ApplicationConfig,
    ) => ({
      options: auth,
      secrets,
      dependencies: {
        name: server.title,
        endpointPath: () => server.path,
        isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
      },
    }),
    inject: [MCP_MODULE_OPTIONS, McpServerInstance, ApplicationConfig],
  });

/** The place of the endpoint among all that guards may stand before. */
export const endpointResource = (endpoint: Type<McpController>): Provider => ({
  provide: ENDPOINT_RESOURCE,
  useFactory: (
    auth: ServerAuth,
    operations: EndpointAccess,
    { name }: McpServerInstance,
  ): ProtectedResource => ({ auth, operations, endpoint, name }),
  inject: [ServerAuth, EndpointAccess, McpServerInstance],
});
