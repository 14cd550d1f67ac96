import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
} from '@nestjs/common';
import { EndpointAddress } from './server/mcp-server-instance.js';
import type {
  McpModuleAsyncOptions,
  McpModuleOptions,
} from './server/mcp-options.interface.js';

import { resolveSettings, SERVER_SETTINGS } from './server/server-settings.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<McpModuleOptions>({ moduleName: 'Mcp' })
    .setClassMethodName('forRoot')
    .setFactoryMethodName('createMcpOptions')
    .build();

/** Injection token of one server's {@link McpModuleOptions}, as given. */
export const MCP_MODULE_OPTIONS = MODULE_OPTIONS_TOKEN;

/**
 * Holds the options of one `forRoot` call, and what is made of them alone. A module of its own, imported by
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
        useFactory: resolveSettings,
        inject: [MCP_MODULE_OPTIONS],
      },
      EndpointAddress,
    ],
    exports: [MCP_MODULE_OPTIONS, SERVER_SETTINGS, EndpointAddress],
  };
}
