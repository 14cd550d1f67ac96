import {
  auth,
  DpopSession,
  extractWWWAuthenticateParams,
  fetchToken,
  type OAuthClientProvider,
  withDpop,
} from '@modelcontextprotocol/client';
import { McpUnauthorizedError } from '../client.errors.js';
import { MemoryTokenStore } from '../tokens/token.store.js';
import {
  isFresh,
  type KeptTokens,
  keptTokens,
  TokenCache,
  tokenKey,
} from '../tokens/token-cache.js';
import {
  type AuthTarget,
  type ClientCaller,
  type RefusedToken,
  TokenAuth,
} from './client-auth.js';
import { checkGrant, type GrantOptions } from './grant-options.js';
import { IssuerDiscovery, issuerOf } from './issuer-discovery.js';
import { oauthFetch, tokenFailure } from './oauth-fetch.js';

/** One request for tokens. */
export interface GrantRequest {
  readonly target: AuthTarget;
  readonly caller: ClientCaller;
  readonly issuer: string;
  readonly scope: string | undefined;
  readonly resource: string | undefined;
  /** Tokens that are expired or were refused. */
  readonly kept: KeptTokens | undefined;
}

/**
 * Gets tokens of an authorization server without a person: the SDK's providers
 * say how. What the server is asked once is kept; where its issuer changes, the
 * credentials stay with the one they belong to.
 */
export abstract class GrantAuth extends TokenAuth {
  protected readonly cache = new TokenCache();
  private readonly issuers: IssuerDiscovery;
  private readonly scope: string | undefined;
  private session: Promise<DpopSession> | undefined;
  private latest: AuthTarget | undefined;

  /** @throws Error naming the option, its value and the remedy */
  constructor(
    private readonly className: string,
    protected readonly grant: GrantOptions,
  ) {
    super();
    this.scope = checkGrant(className, grant);
    this.issuers = new IssuerDiscovery(className, grant.issuer);
  }

  /** How tokens are asked for. */
  protected abstract provider(
    request: GrantRequest,
  ): OAuthClientProvider | Promise<OAuthClientProvider>;

  /** URLs of the options beside those of {@link GrantOptions}. */
  protected get urls(): readonly (string | undefined)[] {
    return [];
  }

  /** For what token endpoints without metadata take. */
  protected get resourceByDefault(): boolean {
    return true;
  }

  /**
   * A token, for requests that are sent in another way: the one that is kept,
   * or a new one. Send it to the server that it is for alone.
   *
   * @throws McpUnauthorizedError where the issuer gives none; Error before a
   * call, where neither `tokenUrl` nor `issuer` tells whom to ask
   */
  async getToken(caller: ClientCaller = {}): Promise<string> {
    const target = this.latest ?? this.ownTarget();
    return (
      (await this.token(target, caller)) ??
      (await this.replace(target, caller, undefined, undefined))
    );
  }

  /** Stands for the server until there is one. */
  private ownTarget(): AuthTarget {
    const { tokenUrl, resource } = this.grant;
    if (tokenUrl === undefined) {
      throw new Error(
        `${this.className}.getToken(): nothing tells whom to ask for a token. Set tokenUrl, or call the server first.`,
      );
    }
    return {
      name: this.className,
      url: new URL(resource ?? tokenUrl),
      fetch: globalThis.fetch,
      store: new MemoryTokenStore(),
    };
  }

  protected override async token(
    target: AuthTarget,
    caller: ClientCaller,
  ): Promise<string | undefined> {
    this.latest = target;
    const { store } = target;
    const kept = await this.cache.get(store, await this.keyOf(target, caller));
    if (kept && isFresh(kept)) {
      return kept.tokens.access_token;
    }
    // Else the server's challenge tells whom to ask.
    return this.grant.tokenUrl !== undefined || this.issuers.knows(target)
      ? this.replace(target, caller, undefined, undefined)
      : undefined;
  }

  protected override renew(
    target: AuthTarget,
    { token, response, caller }: RefusedToken,
  ): Promise<string> {
    return this.replace(target, caller, token, response);
  }

  protected override async send(
    target: AuthTarget,
    token: string | undefined,
    url: string | URL,
    init: RequestInit | undefined,
  ): Promise<Response> {
    const session = token === undefined ? undefined : await this.dpop();
    return session
      ? withDpop(session, () => token)(target.fetch)(url, init)
      : super.send(target, token, url, init);
  }

  /** The session of the key that tokens are bound to; undefined where they are not. */
  protected dpop(): Promise<DpopSession> | undefined {
    if (!this.grant.dpop) {
      return undefined;
    }
    return (this.session ??= DpopSession.create());
  }

  private async replace(
    target: AuthTarget,
    caller: ClientCaller,
    refused: string | undefined,
    response: Response | undefined,
  ): Promise<string> {
    const key = await this.keyOf(target, caller);
    try {
      const { tokens } = await this.cache.obtain(
        target.store,
        key,
        refused,
        (kept) => this.obtain(target, caller, response, kept),
      );
      return tokens.access_token;
    } catch (error) {
      throw tokenFailure(target, error);
    }
  }

  private async obtain(
    target: AuthTarget,
    caller: ClientCaller,
    response: Response | undefined,
    kept: KeptTokens | undefined,
  ): Promise<KeptTokens> {
    const fetchFn = this.fetchFor(target);
    const challenge = response ? extractWWWAuthenticateParams(response) : {};
    const scope = this.scope ?? challenge.scope;
    if (this.grant.tokenUrl !== undefined) {
      return this.atTokenUrl(this.grant.tokenUrl, {
        target,
        caller,
        scope,
        kept,
        issuer: this.grant.issuer ?? new URL(this.grant.tokenUrl).origin,
        resource:
          this.grant.resource ??
          (this.resourceByDefault && target.url.href !== this.grant.tokenUrl
            ? target.url.href
            : undefined),
      });
    }
    const state = await this.issuers.find(
      target,
      fetchFn,
      challenge.resourceMetadataUrl,
      response !== undefined,
    );
    const issuer = issuerOf(state);
    const provider = await this.provider({
      target,
      caller,
      scope,
      kept,
      issuer,
      resource: this.grant.resource,
    });
    const { resource } = this.grant;
    await auth(
      extended(provider, {
        dpop: () => this.dpop(),
        discoveryState: () => state,
        ...(resource !== undefined && {
          validateResourceURL: () => Promise.resolve(new URL(resource)),
        }),
      }),
      { serverUrl: target.url, fetchFn, ...(scope !== undefined && { scope }) },
    );
    const tokens = await provider.tokens();
    if (!tokens) {
      throw new Error('the issuer gave no token');
    }
    return this.accept(target, keptTokens(tokens, issuer));
  }

  private async atTokenUrl(
    tokenUrl: string,
    request: GrantRequest,
  ): Promise<KeptTokens> {
    const { target, issuer, scope, resource } = request;
    const provider = await this.provider(request);
    const tokens = await fetchToken(
      extended(provider, { dpop: () => this.dpop() }),
      issuer,
      {
        metadata: {
          issuer,
          authorization_endpoint: tokenUrl,
          token_endpoint: tokenUrl,
          response_types_supported: [],
        },
        fetchFn: this.fetchFor(target),
        ...(scope !== undefined && { scope }),
        ...(resource !== undefined && { resource: new URL(resource) }),
      },
    );
    return this.accept(target, keptTokens(tokens, issuer));
  }

  /** @throws McpUnauthorizedError for a token that should be bound to a key, and is not */
  private accept(target: AuthTarget, kept: KeptTokens): KeptTokens {
    if (this.grant.dpop && kept.tokens.token_type.toLowerCase() !== 'dpop') {
      throw new McpUnauthorizedError(
        target.name,
        'the issuer gave a token that is not bound to the key (dpop)',
      );
    }
    return kept;
  }

  protected fetchFor(target: AuthTarget): ReturnType<typeof oauthFetch> {
    const { issuer, tokenUrl, allowPrivateHosts = false } = this.grant;
    return oauthFetch(
      target,
      [issuer, tokenUrl, ...this.urls],
      allowPrivateHosts,
    );
  }

  private async keyOf(
    target: AuthTarget,
    caller: ClientCaller,
  ): Promise<string> {
    const { clientId, issuer, tokenUrl, resource } = this.grant;
    return tokenKey(
      'tokens',
      this.className,
      target.url.href,
      clientId,
      issuer ?? null,
      tokenUrl ?? null,
      resource ?? null,
      this.scope ?? null,
      this.principalOf(caller) ?? null,
      (await this.dpop())?.thumbprint ?? null,
    );
  }
}

/** A provider of the SDK, with what its class leaves to applications. */
function extended(
  provider: OAuthClientProvider,
  more: Pick<
    OAuthClientProvider,
    'dpop' | 'discoveryState' | 'validateResourceURL'
  >,
): OAuthClientProvider {
  return Object.assign(provider, more);
}
