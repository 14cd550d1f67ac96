import { Injectable, Logger } from '@nestjs/common';
import { findContract } from '../../nest/contracts.js';
import type { AccessRule } from '../access/access-rule.js';
import { ScopeMatcher, ScopePolicy } from '../access/scope.policy.js';
import {
  ToolVisibility,
  type VisibilityQuestion,
} from '../access/tool-visibility.js';
import type { McpAuthModuleOptions } from '../auth-options.interface.js';
import {
  AuthChallenge,
  type ChallengeParameters,
} from '../challenge/auth.challenge.js';
import {
  type MissingScopes,
  setCurrentToken,
} from '../context/request-context.js';
import {
  findAuthProvider,
  type McpAuthProvider,
  type RequestWithHeaders,
} from '../credentials/auth.provider.js';
import { BearerAuthProvider } from '../credentials/bearer-auth.provider.js';
import { NoTokenIssuer, type TokenIssuer } from '../issuer/token.issuer.js';
import type { AccessToken } from '../token/access-token.js';
import { resolveVerifier } from '../verifiers/resolve-verifier.js';
import type {
  AcceptedTokens,
  TokenVerifier,
} from '../verifiers/token-verifier.js';
import { type AuthDependencies, isInjectedAuth } from './auth-dependencies.js';
import { authSettings, type AuthSettings } from './auth-settings.js';
import { ExcludedPaths } from './excluded-paths.js';
import { ResourceNames } from './resource-names.js';

/** Everything that decides on the callers of one server, made of its options once. */
@Injectable()
export class ServerAuth {
  /** The options, under one name each. */
  readonly settings: AuthSettings;
  readonly scopes: ScopePolicy;
  /** Tokens of the application's own. */
  tokenIssuer: TokenIssuer = new NoTokenIssuer();
  /** Has the issuer of a token know that it lacked a scope. */
  noteStepUp: (token: AccessToken) => void = () => undefined;
  private readonly logger = new Logger('McpAuthGuard');
  private readonly resources: ResourceNames;
  private readonly excluded: ExcludedPaths;
  /** Judges tokens; undefined before it is prepared, and where something else finds the callers. */
  verifier: TokenVerifier | undefined;
  private provider: McpAuthProvider | undefined;
  challenges = new AuthChallenge();
  private visibility: ToolVisibility | undefined;
  private ready: Promise<void> | undefined;
  private readonly missingScopes: MissingScopes = (token, scopes) =>
    this.scopes.missing(token, scopes);

  /**
   * @param options undefined or false for a server that is open
   * @throws Error naming the option, its value and the remedy
   */
  constructor(
    private readonly options: McpAuthModuleOptions | false | undefined,
    private readonly dependencies: AuthDependencies,
  ) {
    this.settings = authSettings(options || {});
    const { resource, requiredScopes = [], scopesSupported } = this.settings;
    this.scopes = new ScopePolicy(
      () => [...requiredScopes, ...(this.verifier?.requiredScopes ?? [])],
      scopesSupported,
    );
    this.resources = new ResourceNames(resource, dependencies.endpointPath);
    this.excluded = new ExcludedPaths(this.settings.excludedPaths ?? []);
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

  /** Issuers, as the metadata document names them. */
  get authorizationServers(): readonly string[] {
    return (
      this.settings.authorizationServers ??
      this.tokenIssuer.issuers ??
      this.verifier?.issuers ??
      []
    );
  }

  /** Tokens that get in, as far as the verifier knows; none before it is prepared. */
  get acceptedTokens(): readonly Required<AcceptedTokens>[] {
    const names = [this.settings.resource ?? []].flat();
    return (this.verifier?.accepts ?? []).map(
      ({ issuer, audience = names }) => ({ issuer, audience }),
    );
  }

  /**
   * Whether tokens of this issuer that name this audience get in. That the token
   * is one of them is for whoever verified it to say.
   */
  acceptsLike({ issuer, resource }: AccessToken): boolean {
    return (
      issuer !== undefined &&
      resource !== undefined &&
      this.acceptedTokens.some(
        (accepted) =>
          accepted.issuer === issuer && accepted.audience.includes(resource),
      )
    );
  }

  /**
   * Finds what the application provides and has the verifier make itself ready,
   * once, whoever asks first.
   *
   * @throws Error where tokens would not be bound to this server
   */
  prepare(): Promise<void> {
    this.ready ??= this.makeReady();
    return this.ready;
  }

  private async makeReady(): Promise<void> {
    const { modules, injected } = this.dependencies;
    this.visibility = findContract(modules, ToolVisibility, ['isVisible']);
    await this.tokenIssuer.prepare();
    if (!this.enabled) {
      return;
    }
    this.scopes.matcher =
      findContract(modules, ScopeMatcher, ['matches']) ?? this.scopes.matcher;
    this.challenges =
      injected?.challenge ??
      findContract(
        modules,
        AuthChallenge,
        ['header'],
        undefined,
        isInjectedAuth,
      ) ??
      this.challenges;
    const { provider, verifier } = this.settings;
    if (verifier === false) {
      this.tokenIssuer.checkGuards(this.dependencies.isGuarded?.() ?? false);
      return;
    }
    const found = findAuthProvider(provider, modules);
    if (found) {
      await found.prepare();
      this.provider = found;
      return;
    }
    this.verifier = await resolveVerifier(
      injected?.verifier ?? verifier ?? this.tokenIssuer.verifier,
      modules,
      isInjectedAuth,
    );
    this.provider = new BearerAuthProvider({
      verifier: this.verifier,
      audience: (request) => this.resources.namesFor(request),
      urls: (request) => this.resources.urlsFor(request),
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
    return this.provider?.authenticate(request) ?? Promise.resolve(null);
  }

  /**
   * The caller of an earlier request, as its credentials are judged now; null
   * where they do not hold any longer. Throws as `McpAuthProvider` does.
   */
  async recheck(request: RequestWithHeaders): Promise<AccessToken | null> {
    const token = await this.provider?.recheck(request);
    return token && !token.isExpired() ? token : null;
  }

  /** Whether the token has the scopes of the rules; null stands for an anonymous caller. */
  allows(token: AccessToken | null, rules: readonly AccessRule[]): boolean {
    return !this.verifiesTokens || this.scopes.allows(token, rules);
  }

  /** Whether lists leave out what the caller's scopes do not allow. */
  get hidesUnauthorized(): boolean {
    return this.verifiesTokens && this.settings.hideUnauthorized !== false;
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
    setCurrentToken(token, this.missingScopes);
  }

  /**
   * The `WWW-Authenticate` header of a refusal of this request. Where a token
   * lacks a scope, the scopes that it has are named as well, so that the next
   * one is good for both (MCP Authorization, "Runtime Insufficient Scope
   * Errors"), and an issuer within the application is told; else those of
   * `challengeScopes`.
   */
  challenge(
    request: RequestWithHeaders,
    parameters: ChallengeParameters,
    caller: AccessToken | null = null,
  ): string {
    const { error, scopes } = parameters;
    const isStepUp = error === 'insufficient_scope';
    if (isStepUp && caller) {
      this.noteStepUp(caller);
    }
    const others = isStepUp
      ? this.scopes.knownOf(caller)
      : (this.settings.challengeScopes ?? []);
    return this.challenges.header('Bearer', {
      ...parameters,
      ...(scopes && { scopes: [...new Set([...scopes, ...others])] }),
      resourceMetadata:
        this.authorizationServers.length > 0
          ? this.metadataUrl(request)
          : undefined,
    });
  }

  /** The names that the options give this resource; none where they are derived from requests. */
  get names(): readonly string[] {
    return this.resources.configured;
  }

  /** Where clients find the metadata of the resource that the request was sent to. */
  metadataUrl(request: RequestWithHeaders): string {
    return this.resources.metadataUrlFor(request);
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
}
