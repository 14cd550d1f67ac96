import { Logger } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type Provider from 'oidc-provider';
import { findContract, findNamed } from '../../nest/contracts.js';
import { isRefusedByJest } from '../load-es-module.js';
import { type OAuthExchange, sendJson } from './endpoints/oauth.exchange.js';
import { EndpointGuards } from './endpoints/endpoint-guards.js';
import { McpOAuthController } from './endpoints/mcp-oauth.controller.js';
import { serverRoutes } from './endpoints/server-routes.js';
import { BrowserBinding } from './interaction/browser-binding.js';
import { ConsentMemory } from './interaction/consent.memory.js';
import { ConsentStep } from './interaction/consent.step.js';
import { DefaultAuthorizationPages } from './interaction/default.pages.js';
import { PAGES_METHODS } from './interaction/authorization.pages.js';
import { McpSecurityEvents } from '../events/security-events.js';
import { LoginStep } from './interaction/login.step.js';
import { InteractionFlow } from './interaction/interaction.flow.js';
import { PageResponder } from './interaction/page.responder.js';
import { PeopleMemory } from './interaction/people.memory.js';
import { ServerSecrets } from './keys/server-secrets.js';
import { signingKeys } from './keys/signing-keys.js';
import { derivedIssuer, issuingServers } from './issuing-servers.js';
import { LocalTokenVerifier } from './local-token.verifier.js';
import { LoginLimits } from './login/login.limits.js';
import { LoginService } from './login/login.service.js';
import type { AuthorizationServerOptions } from './options/authorization-server-options.interface.js';
import {
  authorizationServerSettings,
  type AuthorizationServerSettings,
} from './options/authorization-server.settings.js';
import { createProvider } from './provider/create-provider.js';
import type { ProviderParts } from './provider/provider-parts.interface.js';
import { ProtectedScopes } from './provider/protected-scopes.js';
import type { ServedResources } from './served-resources.interface.js';
import { openStore, type OpenStore } from './storage/open-store.js';
import { StepUps } from './step-ups.js';
import { Sealer } from '../sealing/sealer.js';
import { createUpstream } from './upstream/upstream.factory.js';
import { UpstreamFlow } from './upstream/upstream.flow.js';
import type { UpstreamProvider } from './upstream/upstream.provider.js';
import type { UpstreamSource } from './upstream/upstream-source.js';
import { UpstreamTokens } from './upstream/upstream-tokens.js';

/** One authorization server, on `oidc-provider`; does nothing before it is prepared. */
export class AuthorizationServer {
  readonly settings: AuthorizationServerSettings;
  /** Checks the tokens of this server. */
  readonly verifier: LocalTokenVerifier;
  /** Clients that were told to get more scopes. */
  readonly stepUps = new StepUps(() => this.opened?.own);
  /** Tokens of the identity provider; of nobody where there is none. */
  readonly upstreamTokens: UpstreamTokens;
  private readonly logger = new Logger('McpAuthorizationServer');
  private readonly servers: Set<object>;
  private readonly upstream: UpstreamProvider | undefined;
  private readonly secrets: ServerSecrets;
  private readonly guards: EndpointGuards;
  private opened: OpenStore | undefined;
  private source: UpstreamSource | undefined;
  private callback: ReturnType<Provider['callback']> | undefined;
  private flow: InteractionFlow | undefined;
  /** Why there is none, which only tests are told. */
  private missing: string | undefined;

  /** @throws Error naming the option, its value and the remedy */
  constructor(
    private readonly options: AuthorizationServerOptions,
    private readonly served: ServedResources,
    private readonly adapterHost: HttpAdapterHost,
    private readonly modules: ModuleRef,
  ) {
    this.settings = authorizationServerSettings(options);
    this.secrets = new ServerSecrets(options.secrets);
    this.upstream = options.upstream && createUpstream(options.upstream);
    this.upstreamTokens = new UpstreamTokens(() => this.source);
    this.verifier = new LocalTokenVerifier(() => this.opened?.own);
    this.servers = issuingServers(adapterHost);
    this.servers.add(this);
    this.guards = new EndpointGuards(
      options.guards ?? [],
      modules,
      McpOAuthController,
    );
  }

  /** Identifier of the server (RFC 8414, section 2). */
  get issuer(): string {
    return (
      this.options.issuer ?? derivedIssuer(this.served, this.servers.size === 1)
    );
  }

  /** Path of the issuer, without a slash at its end. */
  get basePath(): string {
    return new URL(this.issuer).pathname.replace(/\/$/, '');
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    const { httpAdapter } = this.adapterHost;
    new McpOAuthController(httpAdapter, this, this.guards).mount(
      serverRoutes(this.settings, this.basePath, this.servers.size === 1),
    );
  }

  /**
   * Makes the server ready.
   *
   * @throws Error where an option, a key, the storage or the provider cannot be
   */
  async prepare(): Promise<void> {
    const { settings, upstream, issuer, basePath, secrets, logger } = this;
    const service = upstream ? undefined : this.loginService();
    const events =
      findContract(this.modules, McpSecurityEvents, ['emit']) ??
      new McpSecurityEvents();
    await this.guards.prepare();
    this.opened = await openStore(
      this.options.store,
      issuer,
      this.modules,
      logger,
    );
    const store = this.opened.own;
    await upstream?.prepare();
    const keys = await signingKeys(this.options.signingKeys);
    await this.verifier.use(issuer, keys);
    const consents = new ConsentMemory(
      store,
      settings.lifetimes.consent,
      settings.lifetimes.usedClient,
    );
    const scopes = new ProtectedScopes(settings, this.served);
    const responder = new PageResponder(
      findNamed(
        this.modules,
        this.options.pages,
        PAGES_METHODS,
        'authorizationServer.pages',
      ) ?? new DefaultAuthorizationPages(),
      this.served.name,
    );
    const provider = await this.provider({
      issuer,
      basePath,
      settings,
      keys,
      secrets: secrets.all,
      store,
      events,
      verifier: this.verifier,
      stepUps: this.stepUps,
      scopes,
      consents,
      responder,
      // Calls need the provider's token: without one, a session is of no use.
      isKnown: async (subject) =>
        !this.options.forwardUpstreamToken || this.upstreamTokens.has(subject),
      logger,
    });
    if (!provider) {
      return;
    }
    this.source = upstream && {
      issuer,
      provider: upstream,
      store,
      sealer: new Sealer(secrets.all, 'upstream tokens'),
      tokenLifetime: settings.lifetimes.usedClient,
    };
    this.flow = new InteractionFlow({
      provider,
      issuer,
      basePath,
      login:
        service &&
        new LoginStep({
          service,
          limits: new LoginLimits(store, settings.loginLimits),
          store,
          events,
          issuer,
          maxFailures: settings.loginLimits.maxFailures,
          lifetime: settings.lifetimes.interaction,
        }),
      upstream: this.source && {
        name: this.source.provider.name,
        flow: new UpstreamFlow(this.source, this.upstreamTokens),
        redirectUri: `${issuer.replace(/\/$/, '')}/oauth/callback`,
      },
      binding: new BrowserBinding(secrets, issuer.startsWith('https:')),
      consent: new ConsentStep(
        provider,
        consents,
        scopes,
        new Map(Object.entries(this.options.scopeDescriptions ?? {})),
      ),
      people: new PeopleMemory(store, settings.lifetimes.session),
      responder,
      logger,
    });
    this.callback = provider.callback();
  }

  /** Answers a request; what the interaction has no part in is the provider's. */
  async handle(exchange: OAuthExchange): Promise<void> {
    const { request, response, body, url, address } = exchange;
    if (!this.callback) {
      sendJson(response, 503, {
        error: 'temporarily_unavailable',
        error_description: this.missing,
      });
      return;
    }
    if (await this.flow?.handle(exchange)) {
      return;
    }
    const forwarded = request as typeof request & {
      body?: unknown;
      originalUrl?: string;
      callerAddress?: string;
    };
    forwarded.body = body;
    forwarded.callerAddress = address;
    forwarded.url = url;
    forwarded.originalUrl = `${this.basePath}${url}`;
    await this.callback(forwarded, response);
  }

  async close(): Promise<void> {
    await this.opened?.close();
  }

  /**
   * Undefined in Jest, where it cannot load the package: what an application
   * tests is seldom a login, so its tests need no configuration for one.
   */
  private async provider(parts: ProviderParts): Promise<Provider | undefined> {
    try {
      return await createProvider(parts);
    } catch (error) {
      if (!isRefusedByJest((error as Error).cause)) {
        throw error;
      }
      this.missing = (error as Error).message;
      this.logger.warn(
        `${this.missing} Until then nobody can log in: the OAuth endpoints answer 503.`,
      );
      return undefined;
    }
  }

  private loginService(): LoginService {
    const option = 'authorizationServer.login';
    const login =
      findNamed(this.modules, this.options.login, ['login'], option) ??
      findContract(this.modules, LoginService, ['login'], option);
    if (!login) {
      throw new Error(
        'authorizationServer has nobody to log people in. Set ' +
          'authorizationServer.login to a LoginService of yours, or ' +
          'authorizationServer.upstream to an identity provider.',
      );
    }
    return login;
  }
}
