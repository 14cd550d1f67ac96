import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { AsyncResource } from 'node:async_hooks';
import type { Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { inProcessFetch } from '../platform/in-process-fetch.js';
import { McpApplication } from '../platform/mcp-application.js';
import { findServer } from '../server/mcp-server-instance.js';
import { CallServices } from './calls/call-services.js';
import { TraceContext } from './calls/trace-context.js';
import type { McpClientServerOptions } from './config/client-options.interface.js';
import { resolveClientSettings } from './config/client-settings.js';
import { backoff } from './connection/connection.js';
import type { ClientParts, InProcessServer } from './connection/open-client.js';
import { ClientHandlers } from './handlers/client.handlers.js';
import { McpClient } from './mcp-client.js';
import { MemoryTokenStore, type TokenStore } from './tokens/token.store.js';

/** What all clients have in common. */
interface ClientIdentity {
  readonly name: string;
  readonly version: string;
  readonly store: TokenStore;
}

/**
 * All clients of the application, by the names of their servers. Inject it
 * where the name of a server is known at run time alone.
 *
 * @publicApi
 */
@Injectable()
export class McpClients
  implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger('McpClientModule');
  private readonly services = new Map<string, CallServices>();
  private readonly closing = new AbortController();
  /** Made at start-up: what runs in it belongs to no request. */
  private readonly outside = new AsyncResource('McpClient');
  private trace: TraceContext | undefined;
  private identity: ClientIdentity = {
    name: 'nestjs-mcp',
    version: '1.0.0',
    store: new MemoryTokenStore(),
  };

  constructor(
    private readonly handlers: ClientHandlers,
    private readonly modules: ModuleRef,
    private readonly host: HttpAdapterHost,
  ) {}

  /** Names of all servers. */
  get names(): readonly string[] {
    return [...this.services.keys()];
  }

  /**
   * The client of a server.
   *
   * @throws Error where there is no such server
   */
  get(name: string): McpClient {
    const services = this.services.get(name);
    if (!services) {
      throw new Error(
        `There is no MCP server "${name}" to be called. ` +
          (this.services.size === 0
            ? 'Name it in McpClientModule.forRoot({ servers }).'
            : `There are ${this.names.join(', ')}.`),
      );
    }
    return new McpClient(services);
  }

  /** What the clients say of themselves, and where they keep tokens. */
  identify(identity: Partial<ClientIdentity>): void {
    this.identity = { ...this.identity, ...identity };
  }

  /**
   * Adds servers.
   *
   * @throws Error for a name that is taken, and for options that cannot be
   */
  add(servers: Readonly<Record<string, McpClientServerOptions>>): void {
    for (const [name, options] of Object.entries(servers)) {
      if (this.services.has(name)) {
        throw new Error(
          `The MCP server "${name}" is named twice in McpClientModule. Give one of them another name.`,
        );
      }
      const settings = resolveClientSettings(name, options);
      if (settings.url !== undefined) {
        settings.auth?.attach({
          name,
          url: new URL(settings.url),
          fetch: globalThis.fetch,
          store: this.identity.store,
        });
      }
      this.services.set(
        name,
        new CallServices(name, settings, this.partsFor(settings)),
      );
    }
  }

  async onModuleInit(): Promise<void> {
    this.handlers.check(this.names);
    this.trace = await TraceContext.load();
  }

  async onApplicationBootstrap(): Promise<void> {
    await Promise.all(
      [...this.services.values()]
        // A server of this application cannot be called before it has started.
        .filter(
          ({ settings: { connect, inProcess } }) =>
            connect === 'eager' && inProcess === undefined,
        )
        .map((services) => this.connect(services)),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing.abort();
    await Promise.all(
      [...this.services.values()].map(({ connections }) => connections.close()),
    );
  }

  private async connect(services: CallServices): Promise<void> {
    const open = () => services.connections.of({}).open(this.closing.signal);
    try {
      await open();
    } catch (error) {
      if (services.settings.onConnectError !== 'warn') {
        throw error;
      }
      this.logger.warn(`${(error as Error).message}. It is tried again.`);
      void this.keepTrying(services, open);
    }
  }

  private async keepTrying(
    { name, settings }: CallServices,
    open: () => Promise<unknown>,
  ): Promise<void> {
    for (let attempt = 0; !this.closing.signal.aborted; attempt += 1) {
      await pause(backoff(settings.retry, attempt), undefined, {
        signal: this.closing.signal,
      }).catch(() => undefined);
      try {
        await open();
        this.logger.log(`Connected to the MCP server "${name}"`);
        return;
      } catch {
        // Told once already.
      }
    }
  }

  private partsFor(
    settings: ReturnType<typeof resolveClientSettings>,
  ): ClientParts {
    const { handlers } = this;
    const identity = () => this.identity;
    const trace = () => this.trace;
    return {
      get name() {
        return identity().name;
      },
      get version() {
        return identity().version;
      },
      get store() {
        return identity().store;
      },
      get trace() {
        return trace();
      },
      answers: (server) => handlers.answersOf(server, settings),
      inProcess: (server) => this.inProcess(server),
    };
  }

  private async inProcess(server: string | true): Promise<InProcessServer> {
    const wanted = server === true ? undefined : server;
    const { path } = findServer(this.modules, wanted);
    await this.modules.get(McpApplication, { strict: false }).ready();
    const send = inProcessFetch(
      this.host.httpAdapter.getHttpServer() as Server,
    );
    return {
      url: new URL(path, 'http://localhost'),
      // Else the server would take the caller of the current request for its own.
      fetch: (url, init) => this.outside.runInAsyncScope(() => send(url, init)),
    };
  }
}
