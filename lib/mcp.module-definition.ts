import {
  type ClassProvider,
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type ModuleMetadata,
  type Type,
} from '@nestjs/common';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import type { McpModuleExtras } from './transport/http/mcp.controller.js';

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
 * Holds the options of one `forRoot` call. A module of its own, imported by
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
  return { ...definition, exports: [MCP_MODULE_OPTIONS] };
}
