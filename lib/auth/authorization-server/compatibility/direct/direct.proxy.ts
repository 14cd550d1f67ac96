import { createHash } from 'node:crypto';
import { type HttpServer, Logger, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import {
  discoverIssuer,
  type IssuerMetadata,
} from '../../../verifiers/discovery/discover-issuer.js';
import { metadataAt } from '../../../verifiers/discovery/metadata-at.js';
import { isOutage } from '../../../verifiers/provider/find-provider.js';
import { EndpointGuards } from '../../endpoints/endpoint-guards.js';
import { McpOAuthController } from '../../endpoints/mcp-oauth.controller.js';
import type { OAuthExchange } from '../../endpoints/oauth.exchange.js';
import { DefaultAuthorizationPages } from '../../interaction/default.pages.js';
import { PageResponder } from '../../interaction/page.responder.js';
import { derivedIssuer, issuingServers } from '../../issuing-servers.js';
import type { ServedResources } from '../../served-resources.interface.js';
import { MemoryOAuthStore } from '../../storage/memory.store.js';
import { OAuthStore } from '../../storage/oauth.store.js';
import { ScopedOAuthStore } from '../../storage/scoped.store.js';
import { checkDirectProvider } from './check-direct-provider.js';
import { DirectClients } from './direct.clients.js';
import { DirectEndpoints } from './direct.endpoints.js';
import { DirectGrants } from './direct.grants.js';
import type { DirectOptions } from './direct-options.js';
import { directRoutes } from './direct-routes.js';
import { IssProbe, SENDS_ISS } from './iss.probe.js';
import { ProviderDocument } from './provider.document.js';
import { UnsuitableProviderError } from './unsuitable-provider.error.js';

/**
 * The endpoints of an authorization server in front of a provider that sends its
 * codes to clients directly (`callback: 'direct'`): registration, the way to the
 * provider, and its token endpoint with the secret added.
 */
export class DirectProxy {
  private readonly logger = new Logger('McpOAuthProxy');
  private readonly servers: Set<object>;
  private readonly guards: EndpointGuards;
  private readonly document: ProviderDocument;
  private readonly probe: IssProbe;
  private backend: OAuthStore | undefined;
  private endpoints: DirectEndpoints | undefined;

  constructor(
    private readonly options: DirectOptions,
    private readonly served: ServedResources,
    private readonly adapter: HttpServer,
    private readonly modules: ModuleRef,
  ) {
    this.servers = issuingServers(adapter);
    this.servers.add(this);
    this.guards = new EndpointGuards(
      options.server.options.guards ?? [],
      modules,
      McpOAuthController,
    );
    this.document = new ProviderDocument(() => this.find());
    this.probe = new IssProbe(options.provider);
  }

  /** Identifier of this server, which is not the provider's (RFC 8414, section 3.3). */
  get issuer(): string {
    return (
      this.options.server.options.issuer ??
      derivedIssuer(this.served, this.servers.size === 1)
    );
  }

  /** Path of the issuer, without a slash at its end. */
  get basePath(): string {
    return new URL(this.issuer).pathname.replace(/\/$/, '');
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    const { server } = this.options;
    new McpOAuthController(this.adapter, this, this.guards).mount(
      directRoutes(server, this.basePath, this.servers.size === 1),
    );
  }

  /**
   * Makes the endpoints ready; a provider that is down is none of their errors.
   *
   * @throws Error where the provider is not fit for this, or the storage does not work
   */
  async prepare(): Promise<void> {
    const { provider, server } = this.options;
    await this.guards.prepare();
    const store = await this.openStore();
    const { lifetimes } = server;
    this.endpoints = new DirectEndpoints(
      {
        provider,
        settings: server,
        clients: new DirectClients(store, lifetimes),
        grants: new DirectGrants(store, lifetimes.usedClient),
        resources: this.served.resources,
        metadata: () => this.document.current(),
      },
      this.issuer,
      this.probe,
      new PageResponder(
        this.instanceOf(server.options.pages) ??
          new DefaultAuthorizationPages(),
        this.served.name,
      ),
    );
    await this.checkProvider();
  }

  async handle(exchange: OAuthExchange): Promise<void> {
    await this.endpoints?.handle(exchange);
  }

  async close(): Promise<void> {
    await this.backend?.close();
  }

  private async checkProvider(): Promise<void> {
    try {
      const metadata = await this.document.current();
      const { redirectUris } = this.options.server.registration;
      for (const uri of redirectUris.filter(isOneUri)) {
        if (await this.probe.sendsIss(metadata, uri)) {
          throw new UnsuitableProviderError(metadata.issuer, SENDS_ISS);
        }
      }
    } catch (error) {
      if (!isOutage(error)) {
        throw error;
      }
      this.logger.warn(
        'The identity provider of auth.setupProxies cannot be reached. Logins ' +
          'fail until it can.',
      );
    }
  }

  private async find(): Promise<IssuerMetadata> {
    const { issuer, metadataUrl, authorizationEndpoint } =
      this.options.provider;
    const found =
      metadataUrl === undefined
        ? await discoverIssuer(issuer ?? '')
        : await metadataAt(metadataUrl, { issuer });
    const metadata = {
      ...found,
      ...(authorizationEndpoint !== undefined && {
        authorization_endpoint: authorizationEndpoint,
      }),
    };
    checkDirectProvider(metadata);
    return metadata;
  }

  /** This server's own part of the storage, as several may share one. */
  private async openStore(): Promise<OAuthStore> {
    const { store } = this.options.server.options;
    this.backend = this.instanceOf(store) ?? this.providedStore();
    if (!this.backend) {
      this.logger.warn(
        'Clients are kept in memory: a restart forgets them, and other ' +
          'instances do not know them. Set auth.authorizationServer.store.',
      );
      this.backend = new MemoryOAuthStore();
    }
    await this.backend.prepare();
    const part = createHash('sha256').update(this.issuer).digest('base64url');
    return new ScopedOAuthStore(this.backend, `${part.slice(0, 12)}:`);
  }

  private providedStore(): OAuthStore | undefined {
    try {
      return this.modules.get<OAuthStore>(OAuthStore as never, {
        strict: false,
      });
    } catch {
      // Nest has no other way to ask whether something is provided.
      return undefined;
    }
  }

  private instanceOf<T>(given: T | Type<T> | undefined): T | undefined {
    return typeof given === 'function'
      ? this.modules.get(given as Type<T>, { strict: false })
      : given;
  }
}

/** Whether an entry of `redirectUris` is neither a name nor a pattern. */
function isOneUri(entry: string): boolean {
  return entry.includes('://') && !entry.includes('*');
}
