import {
  type DynamicModule,
  Inject,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type OptionalFactoryDependency,
  type Provider,
  type Type,
} from '@nestjs/common';
import { DiscoveryModule, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { checkAsyncOptions } from '../options/module-options.js';
import { givenOptions } from '../options/option-values.js';
import type {
  McpClientModuleOptions,
  McpClientServerOptions,
} from './config/client-options.interface.js';
import {
  checkClientModule,
  CLIENT_MODULE_KEYS,
} from './config/client-settings.js';
import { withServersOfFile } from './config/servers-file.js';
import { ClientHandlers } from './handlers/client.handlers.js';
import { McpClientHealthIndicator } from './mcp-client.health.js';
import type { McpClient } from './mcp-client.js';
import { McpClients } from './mcp-clients.js';

/** Makes the options of `McpClientModule.forRootAsync({ useClass | useExisting })`. @publicApi */
export interface McpClientOptionsFactory {
  createMcpClientOptions():
    McpClientModuleOptions | Promise<McpClientModuleOptions>;
}

/** Argument of `McpClientModule.forRootAsync`. @publicApi */
export interface McpClientModuleAsyncOptions extends Pick<
  ModuleMetadata,
  'imports'
> {
  /** Names of servers that the factory gives, to be injected everywhere; `forFeature()` can name more. @default none */
  readonly names?: readonly string[];
  readonly useFactory?: (
    ...dependencies: never[]
  ) => McpClientModuleOptions | Promise<McpClientModuleOptions>;
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[];
  readonly useClass?: Type<McpClientOptionsFactory>;
  readonly useExisting?: Type<McpClientOptionsFactory>;
}

const OPTIONS = 'nestjs-mcp:client-options';

/**
 * The token that the client of a server is provided under.
 *
 * @publicApi
 */
export function getMcpClientToken(server: string): string {
  return `nestjs-mcp:client:${server}`;
}

/**
 * Injects the {@link McpClient} of a server.
 *
 * @param server its name in `McpClientModule.forRoot()` or `forFeature()`
 * @publicApi
 */
export function InjectMcpClient(
  server: string,
): PropertyDecorator & ParameterDecorator {
  return Inject(getMcpClientToken(server));
}

/**
 * Gives the application clients of MCP servers:
 *
 * ```ts
 * McpClientModule.forRoot({
 *   servers: { billing: { url: 'https://billing.example.com/mcp', auth: new BearerAuth(loadToken) } },
 * })
 * ```
 *
 * @publicApi
 */
@Module({})
export class McpClientModule {
  /**
   * Servers that are known beforehand.
   *
   * @throws Error for an option that does not exist; at start-up, where one cannot be
   */
  static forRoot(options: McpClientModuleOptions): DynamicModule {
    checkClientModule('McpClientModule.forRoot(…)', options);
    const whole = withServersOfFile(options);
    return compose(
      [{ provide: OPTIONS, useValue: whole }],
      Object.keys(whole.servers ?? {}),
    );
  }

  /** Servers that come from a factory; `names` or {@link forFeature} tells which can be injected. */
  static forRootAsync(options: McpClientModuleAsyncOptions): DynamicModule {
    const { names = [], imports = [], ...factory } = options;
    checkAsyncOptions('McpClientModule', options, CLIENT_MODULE_KEYS, {
      names: 'texts',
    });
    return {
      ...compose(optionsFrom(factory), names),
      imports: [DiscoveryModule, ...imports],
    };
  }

  /**
   * Has clients injected in one more module: those of servers that `forRoot()`
   * has, by name, or of more servers.
   */
  static forFeature(
    servers:
      readonly string[] | Readonly<Record<string, McpClientServerOptions>>,
  ): DynamicModule {
    const added = isList(servers) ? {} : servers;
    const names = isList(servers) ? servers : Object.keys(servers);
    const providers = names.map((name): Provider => ({
      provide: getMcpClientToken(name),
      useFactory: (clients: McpClients): McpClient => {
        const options = added[name];
        if (options && !clients.names.includes(name)) {
          clients.add({ [name]: options });
        }
        return clients.get(name);
      },
      inject: [McpClients],
    }));
    return {
      module: McpClientFeature,
      providers,
      exports: providers.map(tokenOf),
    };
  }
}

/** Of each `forFeature()`. */
@Module({})
class McpClientFeature {}

function compose(
  options: readonly Provider[],
  names: readonly string[],
): DynamicModule {
  const clients = names.map((name): Provider => ({
    provide: getMcpClientToken(name),
    useFactory: (all: McpClients) => all.get(name),
    inject: [McpClients],
  }));
  return {
    module: McpClientModule,
    // So that clients can be injected anywhere.
    global: true,
    imports: [DiscoveryModule],
    providers: [
      ...options,
      ClientHandlers,
      McpClientHealthIndicator,
      {
        provide: McpClients,
        useFactory: (
          given: McpClientModuleOptions,
          ...parts: ConstructorParameters<typeof McpClients>
        ) => {
          checkClientModule(
            'The factory of McpClientModule.forRootAsync() gave …',
            given,
          );
          const all = new McpClients(...parts);
          all.identify(
            givenOptions({
              name: given.name,
              version: given.version,
              store: given.tokenStore,
            }),
          );
          all.add(withServersOfFile(given).servers ?? {});
          return all;
        },
        inject: [OPTIONS, ClientHandlers, ModuleRef, HttpAdapterHost],
      },
      ...clients,
    ],
    exports: [McpClients, McpClientHealthIndicator, ...clients.map(tokenOf)],
  };
}

/** The provider of the options, and that of the class which makes them. */
function optionsFrom({
  useFactory,
  inject = [],
  useClass,
  useExisting,
}: Omit<McpClientModuleAsyncOptions, 'names' | 'imports'>): Provider[] {
  if (useFactory) {
    return [{ provide: OPTIONS, useFactory, inject: [...inject] }];
  }
  const factory = useExisting ?? useClass;
  if (!factory) {
    throw new Error(
      'McpClientModule.forRootAsync() has no factory. Give useFactory, useClass or useExisting.',
    );
  }
  return [
    {
      provide: OPTIONS,
      useFactory: (made: McpClientOptionsFactory) =>
        made.createMcpClientOptions(),
      inject: [factory],
    },
    ...(useExisting ? [] : [factory]),
  ];
}

function tokenOf(provider: Provider): string {
  return (provider as { provide: string }).provide;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
