import { type HttpServer, Injectable, Logger, type Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../access-token.js';
import { setCurrentToken } from '../context/request-context.js';
import { ExactScopeMatcher, ScopeMatcher } from '../access/scope.matcher.js';
import {
  ToolVisibility,
  type VisibilityQuestion,
} from '../access/tool-visibility.js';
import type { AccessRule } from '../access/access-rule.js';
import type { McpAuthModuleOptions } from '../auth-options.interface.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { CompatibilityServer } from '../authorization-server/compatibility/compatibility-server.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { resolveVerifier } from '../verifiers/resolve-verifier.js';
import type {
  AcceptedTokens,
  TokenVerifier,
} from '../verifiers/token-verifier.js';
import { AuthChallenge, type ChallengeParameters } from './auth.challenge.js';
import { McpAuthProvider, type RequestWithHeaders } from './auth.provider.js';
import { BearerAuthProvider } from './bearer-auth.provider.js';
import { authSettings, type AuthSettings } from './auth-settings.js';
import { ExcludedPaths } from './excluded-paths.js';
import { ResourceNames } from './resource-names.js';

/** What of its application a server's protection needs. */
export interface AuthSurroundings {
  /** Name of the server, for people. */
  readonly name: string;
  /** Full path of what is protected. */
  readonly endpointPath: () => string;
  readonly adapter: HttpServer;
  readonly modules: ModuleRef;
  /** Whether guards of the application stand before what is protected. @default they do not */
  readonly isGuarded?: () => boolean;
}

/** Everything that decides on the callers of one server, made of its options once. */
@Injectable()
export class ServerAuth {
  /** The options, under one name each. */
  readonly settings: AuthSettings;
  private readonly logger = new Logger('McpAuthGuard');
  private readonly resources: ResourceNames;
  private readonly excluded: ExcludedPaths;
  private verifier: TokenVerifier | undefined;
  private provider: McpAuthProvider | undefined;
  private matcher: ScopeMatcher = new ExactScopeMatcher();
  private challenges = new AuthChallenge();
  private visibility: ToolVisibility | undefined;
  private operationScopes: readonly string[] = [];
  private readonly modules: ModuleRef;
  private readonly isGuarded: () => boolean;
  /** The authorization server in the same process; undefined where tokens come from elsewhere. */
  readonly authorizationServer: AuthorizationServer | undefined;
  /** What is served for options of FastAPI-MCP; undefined without them. */
  readonly compatibility: CompatibilityServer | undefined;

  /**
   * @param options undefined or false for a server that is open
   * @throws Error naming the option, its value and the remedy
   */
  constructor(
    private readonly options: McpAuthModuleOptions | false | undefined,
    {
      name,
      endpointPath,
      adapter,
      modules,
      isGuarded = () => false,
    }: AuthSurroundings,
  ) {
    this.modules = modules;
    this.settings = authSettings(options || {});
    const { authorizationServer, compatibility, resource = [] } = this.settings;
    const served = {
      name,
      resources: [resource].flat(),
      endpointPath,
      scopes: () => this.supportedScopes,
    };
    this.authorizationServer =
      authorizationServer &&
      new AuthorizationServer(authorizationServer, served, adapter, modules);
    this.compatibility =
      compatibility &&
      new CompatibilityServer(compatibility, served, adapter, modules);
    this.isGuarded = isGuarded;
    this.excluded = new ExcludedPaths(this.settings.excludedPaths ?? []);
    this.resources = new ResourceNames(this.settings.resource, endpointPath);
  }

  /** Whether callers are looked at at all. */
  get enabled(): boolean {
    return !!this.options;
  }

  /** Whether nobody has said if the server shall be open. */
  get isUndecided(): boolean {
    return this.options === undefined;
  }

  /**
   * Whether tokens are verified here, and not by the application's guards
   * alone. The options decide, so that nothing is open before it is prepared.
   */
  get verifiesTokens(): boolean {
    return this.enabled && this.settings.verifier !== false;
  }

  get scheme(): string {
    return this.settings.scheme ?? 'Bearer';
  }

  /** Issuers, as the metadata document names them. */
  get authorizationServers(): readonly string[] {
    return (
      this.settings.authorizationServers ??
      (this.authorizationServer && [this.authorizationServer.issuer]) ??
      this.compatibility?.authorizationServers ??
      this.verifier?.issuers ??
      []
    );
  }

  /** Scopes for the metadata document; refresh tokens are the client's own business. */
  get supportedScopes(): readonly string[] {
    const scopes = this.settings.scopesSupported ?? [
      ...this.scopesOf([]),
      ...this.operationScopes,
    ];
    return [...new Set(scopes)].filter((scope) => scope !== 'offline_access');
  }

  /** Tokens that get in, as far as the verifier knows; none before it is prepared. */
  get acceptedTokens(): readonly Required<AcceptedTokens>[] {
    const names = [this.settings.resource ?? []].flat();
    return (this.verifier?.accepts ?? []).map(
      ({ issuer, audience = names }) => ({ issuer, audience }),
    );
  }

  /** Makes the scopes that operations ask for known to clients. */
  advertise(operationScopes: readonly string[]): void {
    this.operationScopes = operationScopes;
  }

  /**
   * Finds what the application provides and has the verifier make itself ready.
   *
   * @throws Error where tokens would not be bound to this server
   */
  async prepare(): Promise<void> {
    this.visibility = this.provided(ToolVisibility);
    await this.authorizationServer?.prepare();
    await this.compatibility?.prepare();
    if (!this.enabled) {
      return;
    }
    this.matcher = this.provided(ScopeMatcher) ?? this.matcher;
    this.challenges = this.provided(AuthChallenge) ?? this.challenges;
    const { provider, verifier } = this.settings;
    if (verifier === false) {
      this.compatibility?.checkGuards(this.isGuarded());
      return;
    }
    const found = this.instanceOf(provider) ?? this.provided(McpAuthProvider);
    if (found) {
      await found.prepare();
      this.provider = found;
      return;
    }
    this.verifier = await resolveVerifier(
      verifier ?? this.authorizationServer?.verifier,
      this.modules,
    );
    this.provider = new BearerAuthProvider({
      verifier: this.verifier,
      scheme: this.scheme,
      audience: (request) => this.resources.namesFor(request),
      onRefusal: (reason) =>
        this.logger.debug(
          `Token refused: ${reason instanceof Error ? reason.message : 'no reason given'}`,
        ),
    });
  }

  /**
   * The caller, or null for one without credentials, and for everybody before
   * this is prepared; throws as `McpAuthProvider` does.
   */
  authenticate(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.provider
      ? this.provider.authenticate(request)
      : Promise.resolve(null);
  }

  /**
   * `Authorization` that a tool's route is called with, in place of the
   * caller's; undefined where it is the caller's own.
   *
   * @throws InvalidTokenError where the person has to log in again
   * @throws Error where the identity provider cannot be reached
   */
  async forwardedAuthorization(
    token: AccessToken | null,
  ): Promise<string | undefined> {
    const server = this.authorizationServer;
    if (!this.settings.authorizationServer?.forwardUpstreamToken || !token) {
      return undefined;
    }
    const upstream = await server?.upstreamTokens.get(token.subject ?? '');
    if (!upstream) {
      throw new InvalidTokenError('expired');
    }
    return `Bearer ${upstream}`;
  }

  /** Every scope that operations with these rules need, the server's own included. */
  scopesOf(rules: readonly AccessRule[]): string[] {
    return [
      ...new Set([
        ...(this.settings.requiredScopes ?? []),
        ...(this.verifier?.requiredScopes ?? []),
        ...rules.flatMap(({ scopes }) => scopes),
      ]),
    ];
  }

  /** The scopes among those needed that the token does not have. */
  missing(token: AccessToken, needed: readonly string[]): readonly string[] {
    return this.matcher.missing(token.scopes, needed);
  }

  /**
   * Whether the token has the scopes of the rules; null stands for an anonymous
   * caller. What is open to nobody in particular is open to every good token.
   */
  allows(token: AccessToken | null, rules: readonly AccessRule[]): boolean {
    if (!this.verifiesTokens) {
      return true;
    }
    return (
      (rules.length > 0 && rules.every(({ isPublic }) => isPublic)) ||
      (token !== null && this.missing(token, this.scopesOf(rules)).length === 0)
    );
  }

  /** Whether something exists for the caller at all. */
  async shows(question: VisibilityQuestion): Promise<boolean> {
    try {
      return (await this.visibility?.isVisible(question)) ?? true;
    } catch {
      return false;
    }
  }

  /** Whether every caller is shown the same. */
  get showsAll(): boolean {
    return this.visibility === undefined;
  }

  /** Makes the caller known to whatever serves the current request. */
  noteCaller(token: AccessToken | null): void {
    setCurrentToken(token, (held, scopes) => this.missing(held, scopes));
  }

  /** The `WWW-Authenticate` header of a refusal of this request. */
  challenge(
    request: RequestWithHeaders,
    parameters: ChallengeParameters,
  ): string {
    return this.challenges.header(this.scheme, {
      ...parameters,
      resourceMetadata:
        this.authorizationServers.length > 0
          ? this.resources.metadataUrlFor(request)
          : undefined,
    });
  }

  /** Whether `excludedPaths` leaves the URL open. */
  isExcluded(url: string): boolean {
    return this.excluded.has(url);
  }

  /** The name of this resource that the request was sent to. */
  resourceFor(request: RequestWithHeaders): string {
    return this.resources.nameFor(request);
  }

  /** Paths at which the metadata document of this server is looked for (RFC 9728, section 3.1). */
  get metadataPaths(): readonly string[] {
    return this.resources.metadataPaths;
  }

  /** Names by the path of their metadata, which no other server may have; none where nothing is served. */
  get metadataNames(): ReadonlyMap<string, string> {
    return this.verifiesTokens || this.authorizationServers.length > 0
      ? this.resources.namesByMetadataPath
      : new Map();
  }

  private instanceOf<T>(given: T | Type<T> | undefined): T | undefined {
    return typeof given === 'function'
      ? this.modules.get(given as Type<T>, { strict: false })
      : given;
  }

  private provided<T>(
    token: abstract new (...args: never[]) => T,
  ): T | undefined {
    try {
      return this.modules.get<T>(token as never, { strict: false });
    } catch {
      // Nest has no other way to ask whether something is provided.
      return undefined;
    }
  }
}
