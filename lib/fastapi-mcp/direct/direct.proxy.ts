import { Logger } from '@nestjs/common';
import { findNamed } from '../../nest/contracts.js';
import {
  discoverIssuer,
  type IssuerMetadata,
} from '../../auth/verifiers/discovery/discover-issuer.js';
import { metadataAt } from '../../auth/verifiers/discovery/discover-issuer.js';
import { isOutage } from '../../auth/verifiers/provider/find-provider.js';
import { McpApplication } from '../../platform/mcp-application.js';
import { EndpointGuards } from '../../authorization-server/endpoints/endpoint-guards.js';
import { McpOAuthController } from '../../authorization-server/endpoints/mcp-oauth.controller.js';
import type { OAuthRequest } from '../../authorization-server/endpoints/oauth.request.js';
import { DefaultAuthorizationPages } from '../../authorization-server/login/page.responder.js';
import { PAGES_METHODS } from '../../auth/issuer/authorization.pages.js';
import { PageResponder } from '../../authorization-server/login/page.responder.js';
import {
  namedResource,
  type TokenIssuerContext,
} from '../../auth/issuer/token-issuers.js';
import {
  openStore,
  type OpenStore,
} from '../../authorization-server/storage/open-store.js';
import { checkDirectProvider } from './check-direct-provider.js';
import { DirectClients } from './direct.clients.js';
import { DirectEndpoints } from './direct.endpoints.js';
import { DirectGrants } from './direct.clients.js';
import type { DirectOptions } from '../auth-config.settings.js';
import { directRoutes } from './direct.endpoints.js';
import { IssProbe, SENDS_ISS } from './iss.probe.js';
import { ProviderDocument } from './direct.metadata.js';
import { UnsuitableProviderError } from './check-direct-provider.js';

/**
 * The endpoints of an authorization server in front of a provider that sends its
 * codes to clients directly (`callback: 'direct'`): registration, the way to the
 * provider, and its token endpoint with the secret added.
 */
export class DirectProxy {
  private readonly logger = new Logger('McpOAuthProxy');
  private readonly guards: EndpointGuards;
  private readonly document: ProviderDocument;
  private readonly probe: IssProbe;
  private opened: OpenStore | undefined;
  private endpoints: DirectEndpoints | undefined;

  constructor(
    private readonly options: DirectOptions,
    private readonly context: TokenIssuerContext,
  ) {
    if (options.server.options.issuer === undefined) {
      namedResource(context.served);
    }
    this.guards = new EndpointGuards(
      options.server.options.guards ?? [],
      context.modules,
      McpOAuthController,
    );
    this.document = new ProviderDocument(() => this.find());
    this.probe = new IssProbe(options.provider);
  }

  /** Identifier of this server, which is not the provider's (RFC 8414, section 3.3). */
  get issuer(): string {
    const { issuers, served } = this.context;
    return this.options.server.options.issuer ?? issuers.derivedIssuer(served);
  }

  /** Path of the issuer, without a slash at its end. */
  get basePath(): string {
    return new URL(this.issuer).pathname.replace(/\/$/, '');
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    const { server } = this.options;
    const { adapterHost, modules, issuers } = this.context;
    new McpOAuthController(
      adapterHost.httpAdapter,
      modules.get(McpApplication, { strict: false }).platform,
      this,
      this.guards,
    ).mount(directRoutes(server, this.basePath, issuers.isOnlyOne));
  }

  /**
   * Makes the endpoints ready; a provider that is down is none of their errors.
   *
   * @throws Error where the provider is not fit for this, or the storage does not work
   */
  async prepare(): Promise<void> {
    const { provider, server } = this.options;
    const { modules, served } = this.context;
    await this.guards.prepare();
    this.opened = await openStore(
      this.options.server.options.store,
      this.issuer,
      modules,
      this.logger,
    );
    const store = this.opened.own;
    const { lifetimes } = server;
    this.endpoints = new DirectEndpoints(
      {
        provider,
        settings: server,
        clients: new DirectClients(store, lifetimes),
        grants: new DirectGrants(
          store,
          lifetimes.usedClient,
          lifetimes.refreshTokenReuse,
        ),
        resources: served.resources,
        metadata: () => this.document.current(),
      },
      this.issuer,
      this.probe,
      new PageResponder(
        findNamed(
          modules,
          server.options.pages,
          PAGES_METHODS,
          'authorizationServer.pages',
        ) ?? new DefaultAuthorizationPages(),
        served.name,
      ),
    );
    await this.checkProvider();
  }

  async handle(exchange: OAuthRequest): Promise<void> {
    await this.endpoints?.handle(exchange);
  }

  async close(): Promise<void> {
    await this.opened?.close();
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
}

/** Whether an entry of `redirectUris` is neither a name nor a pattern. */
function isOneUri(entry: string): boolean {
  return entry.includes('://') && !entry.includes('*');
}
