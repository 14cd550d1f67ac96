import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { unconfiguredProviders } from '../../nest/unconfigured-providers.js';
import { TokenVerifier } from '../verifiers/token-verifier.js';
import { AuthorizationServer } from './authorization-server.js';
import { LocalTokenVerifier } from './local-token.verifier.js';
import type { AuthorizationServerModuleOptions } from './options/authorization-server-options.interface.js';
import { checkResources } from './options/check-resources.js';
import { CallerUpstreamTokens } from './upstream/caller-upstream-tokens.js';
import { UpstreamTokens } from './upstream/upstream-tokens.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<AuthorizationServerModuleOptions>({
    moduleName: 'McpAuthorizationServer',
  })
    .setClassMethodName('forRoot')
    .build();

/**
 * An authorization server of its own, for resources in this application or
 * elsewhere. What it provides as `TokenVerifier` is the default of every server
 * of the application. For one MCP server, `auth.authorizationServer` is simpler.
 *
 * @example
 * ```ts
 * McpAuthorizationServerModule.forRoot({
 *   resources: ['https://api.example.com/mcp'],
 *   registration: { validScopes: ['notes:read', 'notes:write'] },
 *   login: PasswordLogin,
 * });
 * ```
 * @publicApi
 */
@Module({
  providers: unconfiguredProviders('McpAuthorizationServerModule', [
    AuthorizationServer,
  ]),
})
export class McpAuthorizationServerModule
  extends ConfigurableModuleClass
  implements NestModule, OnApplicationBootstrap, OnApplicationShutdown
{
  constructor(private readonly server: AuthorizationServer) {
    super();
  }

  /** @throws Error at start-up, where an option cannot be */
  static override forRoot(
    options: AuthorizationServerModuleOptions,
  ): DynamicModule {
    return complete(super.forRoot(options));
  }

  /** As `forRoot`, with the options from a factory. */
  static override forRootAsync(
    options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
  ): DynamicModule {
    return complete(super.forRootAsync(options));
  }

  configure(): void {
    this.server.mount();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.server.prepare();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.server.close();
  }
}

function complete(definition: DynamicModule): DynamicModule {
  return {
    ...definition,
    global: true,
    providers: [
      ...(definition.providers ?? []),
      {
        provide: AuthorizationServer,
        useFactory: (
          options: AuthorizationServerModuleOptions,
          adapterHost: HttpAdapterHost,
          modules: ModuleRef,
        ) => {
          const { name, resources, registration } = options;
          checkResources(resources);
          return new AuthorizationServer(
            options,
            {
              name: name ?? new URL(resources[0] ?? '').host,
              resources,
              endpointPath: () => '',
              scopes: () => registration?.validScopes ?? [],
            },
            adapterHost,
            modules,
          );
        },
        inject: [MODULE_OPTIONS_TOKEN, HttpAdapterHost, ModuleRef],
      },
      {
        provide: LocalTokenVerifier,
        useFactory: ({ verifier }: AuthorizationServer) => verifier,
        inject: [AuthorizationServer],
      },
      {
        provide: UpstreamTokens,
        useFactory: (adapterHost: HttpAdapterHost) =>
          new CallerUpstreamTokens(adapterHost),
        inject: [HttpAdapterHost],
      },
      { provide: TokenVerifier, useExisting: LocalTokenVerifier },
    ],
    exports: [LocalTokenVerifier, TokenVerifier, UpstreamTokens],
  };
}
