import {
  ConfigurableModuleBuilder,
  type DynamicModule,
  type FactoryProvider,
  Logger,
  Module,
  type ModuleMetadata,
  type NestModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { Server } from 'node:http';
import {
  unconfiguredProviders,
  checkAsyncOptions,
  checkFactoryResult,
} from '../options/module-options.js';
import { checkOptions } from '../options/option-keys.js';
import { checkSecrets } from '../options/option-values.js';
import {
  McpApplication,
  McpApplicationModule,
} from '../platform/mcp-application.js';
import { RouteAccess } from './access/access-rule.js';
import { AuthCoreModule } from './auth-core.module.js';
import {
  AUTH_MODULE_KEYS,
  type McpAuthModuleOptions,
} from './auth-options.interface.js';
import { installRequestContext } from './context/request-context.js';
import { createTokenIssuer, TokenIssuers } from './issuer/token-issuers.js';
import { McpMetadataController } from './metadata/mcp-metadata.controller.js';
import {
  type AuthDependencies,
  INJECTED_AUTH,
  type InjectedAuth,
} from './server/auth-dependencies.js';
import {
  type ProtectedResource,
  ProtectedResources,
} from './server/protected-resources.js';
import { ServerAuth } from './server/server-auth.js';

/**
 * Looks, once the server listens, whether strangers can reach it: an open
 * server gets a warning; one whose public name could only be guessed stops the
 * application, as a guess would come from whoever sends the request.
 */
function warnWhenExposed(server: Server, auth: ServerAuth): void {
  server.once('listening', () => {
    const bound = server.address();
    const isLoopback =
      typeof bound === 'object' &&
      /^(127\.|::1$)/.test(bound?.address ?? '127.');
    if (isLoopback) {
      return;
    }
    if (auth.isUndecided) {
      new Logger('McpModule').warn(
        'The MCP server has no auth and listens beyond loopback: whoever ' +
          'reaches it can call its tools. Set auth, or auth: false to say ' +
          'that this is meant.',
      );
    } else if (auth.verifiesTokens && auth.settings.resource === undefined) {
      // After the adapter's own listeners, and before anybody can be served.
      process.nextTick(() => server.close());
      // `app.listen()` rejects, as it does for a port that is taken.
      server.emit(
        'error',
        new Error(
          'auth.resource is missing, and the server listens beyond loopback. ' +
            'Set it to the public URL of the MCP endpoint, such as ' +
            '"https://api.example.com/mcp", or listen on 127.0.0.1.',
        ),
      );
    }
  });
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<McpAuthModuleOptions>({ moduleName: 'McpAuth' })
    .setClassMethodName('forRoot')
    .build();

/** What the protection of one server is made of. */
interface ServerAuthParts {
  readonly options: McpAuthModuleOptions | false | undefined;
  readonly secrets: readonly string[] | undefined;
  readonly dependencies: Omit<
    AuthDependencies,
    'adapterHost' | 'modules' | 'injected'
  >;
}

/** Injection token of {@link ServerAuthParts}. */
const PARTS = 'nestjs-mcp:server-auth-parts';

/**
 * Protects ordinary controllers as `McpModule.forRoot({ auth })` protects an
 * MCP endpoint: put `@UseGuards(McpAuthGuard)` on them, or provide the guard as
 * `APP_GUARD` (with `useClass`). Never both for one endpoint.
 *
 * With it, and with `McpModule`, which imports it, `TokenVerifier`,
 * `AuthChallenge`, `McpAuthGuard`, `ProtectedResourceMetadata`,
 * `OAuthClients` and `UpstreamTokens` can be injected anywhere. With several
 * servers, `McpTokenVerifiers` has the verifier of each, and `McpOAuthClients`
 * the clients of each.
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
  imports: [AuthCoreModule, McpApplicationModule],
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
    private readonly metadata: McpMetadataController,
  ) {
    super();
  }

  /** @throws Error for an option that does not exist; at start-up, where one cannot be */
  static override forRoot(options: McpAuthModuleOptions): DynamicModule {
    checkOptions('McpAuthModule.forRoot(…)', options, AUTH_MODULE_KEYS);
    return forRoutes(super.forRoot(options));
  }

  /** As `forRoot`, with the options from a factory. */
  static override forRootAsync(
    options: Parameters<typeof ConfigurableModuleClass.forRootAsync>[0],
  ): DynamicModule {
    checkAsyncOptions('McpAuthModule', options, AUTH_MODULE_KEYS);
    return forRoutes(super.forRootAsync(options));
  }

  /** The same for an endpoint: what `McpModule` imports. */
  static forEndpoint(
    imports: ModuleMetadata['imports'],
    parts: Omit<FactoryProvider<ServerAuthParts>, 'provide'>,
  ): DynamicModule {
    return withServer({ module: McpAuthModule, imports }, parts);
  }

  /** Nest configures an importing module first: the endpoint of `McpModule` has its path by now. */
  configure(): void {
    const { httpAdapter } = this.adapterHost;
    installRequestContext(this.application);
    if (this.auth.enabled) {
      this.metadata.mount(this.auth);
    }
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

function forRoutes(definition: DynamicModule): DynamicModule {
  const module = withServer(definition, {
    useFactory: (options: McpAuthModuleOptions) => {
      checkFactoryResult('McpAuthModule', options, AUTH_MODULE_KEYS);
      const { secrets, resourceName: name = 'this API' } = options;
      checkSecrets('McpAuthModule: secrets', secrets);
      if (secrets && !options.authorizationServer && !options.tokenIssuer) {
        throw new Error(
          'McpAuthModule: secrets are for authorizationServer, and there is ' +
            'none. Leave them out.',
        );
      }
      return {
        options,
        secrets,
        dependencies: { name, endpointPath: () => '' },
      };
    },
    inject: [MODULE_OPTIONS_TOKEN],
  });
  const place = {
    provide: 'nestjs-mcp:routes-place',
    useFactory: (auth: ServerAuth, places: ProtectedResources) => {
      const own: ProtectedResource = { auth, operations: new RouteAccess() };
      places.add(own);
      return own;
    },
    inject: [ServerAuth, ProtectedResources],
  };
  return { ...module, providers: [...(module.providers ?? []), place] };
}

function withServer(
  definition: DynamicModule,
  parts: Omit<FactoryProvider<ServerAuthParts>, 'provide'>,
): DynamicModule {
  return {
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      { provide: PARTS, ...parts },
      {
        provide: ServerAuth,
        useFactory: async (
          { options, secrets, dependencies }: ServerAuthParts,
          injected: InjectedAuth,
          adapterHost: HttpAdapterHost,
          modules: ModuleRef,
          issuers: TokenIssuers,
        ) => {
          const auth = new ServerAuth(options, {
            ...dependencies,
            injected,
            adapterHost,
            modules,
          });
          const { name, endpointPath } = dependencies;
          const served = {
            name,
            resources: auth.names,
            endpointPath,
            scopes: () => auth.scopes.supported,
          };
          auth.tokenIssuer = await createTokenIssuer(auth.settings, {
            served,
            adapterHost,
            modules,
            secrets,
            issuers,
          });
          auth.noteStepUp = (token) => issuers.noteStepUp(token);
          return auth;
        },
        inject: [
          PARTS,
          INJECTED_AUTH,
          HttpAdapterHost,
          ModuleRef,
          TokenIssuers,
        ],
      },
    ],
    exports: [ServerAuth, AuthCoreModule],
  };
}
