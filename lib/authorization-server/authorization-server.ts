import { Logger } from '@nestjs/common';
import type Provider from 'oidc-provider';
import { McpSecurityEvents } from '../auth/audit/security-events.js';
import type { AuthorizationServerOptions } from '../auth/issuer/authorization-server-options.interface.js';
import { PAGES_METHODS } from '../auth/issuer/authorization.pages.js';
import { LoginService } from '../auth/issuer/login.service.js';
import {
  namedResource,
  type TokenIssuerContext,
} from '../auth/issuer/token-issuers.js';
import { TokenIssuer } from '../auth/issuer/token.issuer.js';
import type { AccessToken } from '../auth/token/access-token.js';
import { InvalidTokenError } from '../auth/token/token.errors.js';
import { findContract, findNamed } from '../nest/contracts.js';
import { McpApplication } from '../platform/mcp-application.js';
import { isRefusedByJest } from '../platform/optional-packages.js';
import { Sealer } from '../secrets/sealer.js';
import type { AuthorizationServerSettings } from './authorization-server-settings.interface.js';
import { authorizationServerSettings } from './authorization-server.settings.js';
import { RegisteredClients } from './clients/registered-clients.js';
import { EndpointGuards } from './endpoints/endpoint-guards.js';
import { McpOAuthController } from './endpoints/mcp-oauth.controller.js';
import {
  forwardedRequest,
  type OAuthRequest,
  sendJson,
} from './endpoints/oauth.request.js';
import { serverRoutes } from './endpoints/server-routes.js';
import { ServerSecrets, signingKeys } from './server-keys.js';
import { BrowserCookie } from './login/browser-cookie.js';
import { ConsentStep } from './login/consent.step.js';
import { InteractionFlow } from './login/interaction.flow.js';
import { LoginLimits } from './login/login.limits.js';
import { LoginStep } from './login/login.step.js';
import {
  DefaultAuthorizationPages,
  PageResponder,
} from './login/page.responder.js';
import {
  RememberedConsents,
  DisplayNames,
} from './login/remembered-consents.js';
import { OwnTokenVerifier } from './own-token.verifier.js';
import { createProvider } from './provider/create-provider.js';
import type { ProviderParts } from './provider/flow-configuration.js';
import { ProtectedScopes } from './provider/protected-scopes.js';
import { StepUps } from './step-ups.js';
import { openStore, type OpenStore } from './storage/open-store.js';
import { StoredUpstreamTokens } from './upstream/stored-upstream-tokens.js';
import { createUpstream, UpstreamFlow } from './upstream/upstream.flow.js';
import type {
  UpstreamProvider,
  UpstreamSource,
} from './upstream/upstream.provider.js';

/** One authorization server, on `oidc-provider`; does nothing before it is prepared. */
export class AuthorizationServer extends TokenIssuer {
  readonly settings: AuthorizationServerSettings;
  /** Checks the tokens of this server. */
  override readonly verifier: OwnTokenVerifier;
  override readonly clients: NonNullable<TokenIssuer['clients']>;
  private readonly registered: RegisteredClients;
  /** Clients that were told to get more scopes. */
  readonly stepUps = new StepUps(() => this.opened?.own);
  override readonly upstreamTokens: StoredUpstreamTokens | undefined;
  private readonly logger = new Logger('McpAuthorizationServer');
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
    private readonly context: TokenIssuerContext,
  ) {
    super();
    this.settings = authorizationServerSettings(options);
    if (options.issuer === undefined) {
      namedResource(context.served);
    }
    this.secrets = new ServerSecrets(context.secrets);
    this.upstream = options.upstream && createUpstream(options.upstream);
    this.upstreamTokens =
      this.upstream && new StoredUpstreamTokens(() => this.source);
    this.verifier = new OwnTokenVerifier(() => this.opened?.own);
    this.clients = this.registered = new RegisteredClients(this.settings);
    context.issuers.add(this, context.served.name);
    this.guards = new EndpointGuards(
      options.guards ?? [],
      context.modules,
      McpOAuthController,
    );
  }

  /** Identifier of the server (RFC 8414, section 2). */
  get issuer(): string {
    const { issuers, served } = this.context;
    return this.options.issuer ?? issuers.derivedIssuer(served);
  }

  override get issuers(): readonly string[] {
    return [this.issuer];
  }

  /** Path of the issuer, without a slash at its end. */
  get basePath(): string {
    return new URL(this.issuer).pathname.replace(/\/$/, '');
  }

  override mount(): void {
    const { adapterHost, modules, issuers } = this.context;
    new McpOAuthController(
      adapterHost.httpAdapter,
      modules.get(McpApplication, { strict: false }).platform,
      this,
      this.guards,
    ).mount(serverRoutes(this.settings, this.basePath, issuers.isOnlyOne));
  }

  /**
   * Makes the server ready.
   *
   * @throws Error where an option, a key, the storage or the provider cannot be
   */
  override async prepare(): Promise<void> {
    const { modules, served } = this.context;
    const { settings, upstream, issuer, basePath, secrets, logger } = this;
    const service = upstream ? undefined : this.loginService();
    const events =
      findContract(modules, McpSecurityEvents, ['emit']) ??
      new McpSecurityEvents();
    await this.guards.prepare();
    this.opened = await openStore(this.options.store, issuer, modules, logger);
    const store = this.opened.own;
    await upstream?.prepare();
    const keys = await signingKeys(this.options.signingKeys);
    await this.verifier.use(issuer, keys);
    const consents = new RememberedConsents(
      store,
      settings.lifetimes.consent,
      settings.lifetimes.usedClient,
    );
    const scopes = new ProtectedScopes(settings, served);
    const responder = new PageResponder(
      findNamed(
        modules,
        this.options.pages,
        PAGES_METHODS,
        'authorizationServer.pages',
      ) ?? new DefaultAuthorizationPages(),
      served.name,
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
        !this.options.forwardUpstreamToken ||
        (await this.upstreamTokens?.has(subject)) === true,
      logger,
    });
    if (!provider) {
      return;
    }
    this.registered.use({ provider, store });
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
      upstream: this.source &&
        this.upstreamTokens && {
          name: this.source.provider.name,
          flow: new UpstreamFlow(this.source, this.upstreamTokens),
          redirectUri: `${issuer.replace(/\/$/, '')}/oauth/callback`,
        },
      binding: new BrowserCookie(secrets, issuer.startsWith('https:')),
      consent: new ConsentStep(
        provider,
        consents,
        scopes,
        new Map(Object.entries(this.options.scopeDescriptions ?? {})),
      ),
      people: new DisplayNames(store, settings.lifetimes.session),
      responder,
      logger,
    });
    this.callback = provider.callback();
  }

  /** Answers a request; what the interaction has no part in is the provider's. */
  async handle(exchange: OAuthRequest): Promise<void> {
    const { response } = exchange;
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
    await this.callback(forwardedRequest(exchange, this.basePath), response);
  }

  override noteStepUp(token: AccessToken): void {
    if (token.issuer === this.issuer) {
      this.stepUps.note(token);
    }
  }

  override forwardedAuthorization(
    token: AccessToken | null,
  ): Promise<string> | undefined {
    return this.options.forwardUpstreamToken && token
      ? this.upstreamAuthorization(token)
      : undefined;
  }

  override async close(): Promise<void> {
    await this.opened?.close();
  }

  private async upstreamAuthorization(token: AccessToken): Promise<string> {
    const upstream = await this.upstreamTokens?.get(token.subject);
    if (!upstream) {
      throw new InvalidTokenError('expired');
    }
    return `Bearer ${upstream}`;
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
    const { modules } = this.context;
    const option = 'authorizationServer.login';
    const login =
      findNamed(modules, this.options.login, ['login'], option) ??
      findContract(modules, LoginService, ['login'], option);
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
