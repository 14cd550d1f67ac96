import {
  type ClassProvider,
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import { checkFactoryResult } from './options/module-options.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { McpServerInstance } from './server/mcp-server-instance.js';
import { MODULE_KEYS } from './server/module-keys.js';
import { resolveSettings, SERVER_SETTINGS } from './server/server-settings.js';
import {
  EXTRA_KEYS,
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
export const MCP_MODULE_OPTIONS = MODULE_OPTIONS_TOKEN;

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
