import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  Module,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { McpSecurityEventsModule } from '../auth/audit/security-events.js';
import {
  AUTHORIZATION_SERVER_MODULE_KEYS,
  type AuthorizationServerModuleOptions,
} from '../auth/issuer/authorization-server-options.interface.js';
import {
  TokenIssuers,
  TokenIssuersModule,
} from '../auth/issuer/token-issuers.js';
import { distinctResources } from '../auth/verifiers/audience-rule.js';
import { TokenVerifier } from '../auth/verifiers/token-verifier.js';
import {
  unconfiguredProviders,
  checkAsyncOptions,
  checkFactoryResult,
} from '../options/module-options.js';
import { checkSecrets } from '../options/option-values.js';
import { checkOptions } from '../options/option-keys.js';
import { AuthorizationServer } from './authorization-server.js';
import { OwnTokenVerifier } from './own-token.verifier.js';

/**
 * Checks what tokens are issued for (RFC 8707, section 2).
 *
 * @throws Error naming the option, its value and the remedy
 */
function checkResources(resources: readonly string[]): void {
  const wrong = resources.find(
    (resource) => !URL.canParse(resource) || resource.includes('#'),
  );
  if (resources.length === 0 || wrong !== undefined) {
    throw new Error(
      `authorizationServer.resources ${wrong === undefined ? 'is empty' : `has "${wrong}"`}. ` +
        'Write the absolute URL, without a fragment, of each MCP endpoint that ' +
        'tokens are for, such as "https://api.example.com/mcp".',
    );
  }
}

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

  /** @throws Error for an option that does not exist; at start-up, where one cannot be */
  static override forRoot(
    options: AuthorizationServerModuleOptions,
  ): DynamicModule {
    checkOptions(
      'McpAuthorizationServerModule.forRoot(…)',
      options,
      AUTHORIZATION_SERVER_MODULE_KEYS,
    );
    return complete(super.forRoot(options));
  }

  /** As `forRoot`, with the options from a factory. */
  static override forRootAsync(
    options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
  ): DynamicModule {
    checkAsyncOptions(
      'McpAuthorizationServerModule',
      options,
      AUTHORIZATION_SERVER_MODULE_KEYS,
    );
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
    imports: [
      ...(definition.imports ?? []),
      McpSecurityEventsModule,
      TokenIssuersModule,
    ],
    providers: [
      ...(definition.providers ?? []),
      {
        provide: AuthorizationServer,
        useFactory: (
          options: AuthorizationServerModuleOptions,
          adapterHost: HttpAdapterHost,
          modules: ModuleRef,
          issuers: TokenIssuers,
        ) => {
          checkFactoryResult(
            'McpAuthorizationServerModule',
            options,
            AUTHORIZATION_SERVER_MODULE_KEYS,
          );
          const { name, resources, registration, secrets, ...own } = options;
          checkSecrets('McpAuthorizationServerModule: secrets', secrets);
          checkResources(resources);
          const served = {
            name: name ?? new URL(resources[0] ?? '').host,
            resources: distinctResources(resources),
            endpointPath: () => '',
            scopes: () => registration?.validScopes ?? [],
          };
          return new AuthorizationServer(
            { ...own, registration },
            {
              secrets,
              served,
              adapterHost,
              modules,
              issuers,
            },
          );
        },
        inject: [
          MODULE_OPTIONS_TOKEN,
          HttpAdapterHost,
          ModuleRef,
          TokenIssuers,
        ],
      },
      {
        provide: OwnTokenVerifier,
        useFactory: ({ verifier }: AuthorizationServer) => verifier,
        inject: [AuthorizationServer],
      },
      { provide: TokenVerifier, useExisting: OwnTokenVerifier },
    ],
    exports: [OwnTokenVerifier, TokenVerifier, TokenIssuersModule],
  };
}
