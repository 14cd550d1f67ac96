import {
  auth,
  computeScopeUnion,
  DpopSession,
  extractWWWAuthenticateParams,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
} from '@modelcontextprotocol/client';
import {
  McpLoginRequiredError,
  McpUnauthorizedError,
} from '../client.errors.js';
import type { TokenStore } from '../tokens/token.store.js';
import {
  type KeptTokens,
  keptTokens,
  tokenKey,
} from '../tokens/token-cache.js';
import type { AuthTarget, RefusedToken } from './client-auth.js';
import { IssuerDiscovery, issuerOf } from './issuer-discovery.js';
import type { AuthorizationCodeAuthOptions } from './grant-options.js';
import {
  type LoginClient,
  LoginProvider,
  type LoginStart,
} from './login-provider.js';
import { oauthFetch } from './oauth-fetch.js';

/** A login that was begun, as it is kept until the browser comes back. */
export interface PendingLogin {
  readonly server: string;
  /** Principal that began it. */
  readonly user: string;
  /** In the milliseconds of `Date.now()`. */
  readonly until: number;
  readonly authorizationUrl: string;
  readonly scope: string | undefined;
  readonly verifier: string;
  readonly client: StoredOAuthClientInformation;
  readonly discovery: OAuthDiscoveryState;
}

/** Why an answer of an authorization server is not taken. */
export class LoginRefused extends Error {}

/** What the browser brought. */
export interface LoginAnswer {
  readonly authorizationCode: string;
  readonly iss?: string;
}

/** Logins that wait for a browser to come back: found by their state, once. */
export class PendingLogins {
  /** @param lifetime milliseconds that a user has */
  constructor(readonly lifetime: number) {}

  /**
   * @param state of the authorization request
   * @param key of what is waited for: {@link begun} finds the login by it
   */
  async keep(
    store: TokenStore,
    state: string,
    key: string,
    login: PendingLogin,
  ): Promise<void> {
    await store.set(stateKey(state), login, this.lifetime);
    await store.set(key, stateKey(state), this.lifetime);
  }

  /** A login that there is time to end: calls that wait for it are sent to it. */
  async begun(
    store: TokenStore,
    key: string,
  ): Promise<PendingLogin | undefined> {
    const state = (await store.get(key)) as string | undefined;
    const login =
      state === undefined
        ? undefined
        : ((await store.get(state)) as PendingLogin | undefined);
    return login && login.until - this.lifetime / 2 > Date.now()
      ? login
      : undefined;
  }

  /**
   * The login that a browser came back from, which is over with this.
   *
   * @param user principal whom the browser belongs to
   * @throws LoginRefused
   */
  async take(
    stores: Iterable<TokenStore>,
    query: URLSearchParams,
    user: string,
  ): Promise<PendingLogin> {
    const state = one(query, 'state') ?? '';
    for (const store of stores) {
      const login = (await store.take(stateKey(state))) as
        PendingLogin | undefined;
      if (login?.user === user && login.until > Date.now()) {
        return login;
      }
    }
    throw new LoginRefused(
      'there is no such login, or it is over. Begin it anew',
    );
  }
}

/** What was answered, and the scopes that more are wanted of. */
export type Refused = Partial<RefusedToken> & {
  readonly scopes?: readonly string[];
};

/** Tokens of a user, and the scopes that were asked for with them. */
export interface UserTokens extends KeptTokens {
  readonly asked: string | undefined;
}

/** Refreshes the tokens of users, and has them log in. */
export class LoginFlow {
  readonly logins: PendingLogins;
  private readonly issuers: IssuerDiscovery;
  private session: Promise<DpopSession> | undefined;

  constructor(
    private readonly client: LoginClient,
    private readonly options: AuthorizationCodeAuthOptions,
    private readonly scope: string | undefined,
  ) {
    this.logins = new PendingLogins(options.loginTimeout ?? 600_000);
    this.issuers = new IssuerDiscovery(
      'AuthorizationCodeAuth',
      options.issuer,
      options.clientId !== undefined,
    );
  }

  /**
   * Has the tokens refreshed, or a login begun.
   *
   * @param user principal
   * @param key of the tokens
   * @throws McpLoginRequiredError
   */
  async ask(
    target: AuthTarget,
    user: string,
    key: string,
    { response, scopes }: Refused,
    kept: UserTokens | undefined,
  ): Promise<UserTokens> {
    const fetchFn = this.fetchFor(target);
    const challenge = response ? extractWWWAuthenticateParams(response) : {};
    const discovery = await this.issuers.find(
      target,
      fetchFn,
      challenge.resourceMetadataUrl,
      response?.status === 401,
    );
    const scope = computeScopeUnion(
      this.scope ?? challenge.scope,
      kept?.asked,
      scopes?.join(' '),
    );
    const isRefreshable = !scopes && kept?.tokens.refresh_token !== undefined;
    const loginKey = tokenKey('begun', key, issuerOf(discovery), scope ?? null);
    const begun = isRefreshable
      ? undefined
      : await this.logins.begun(target.store, loginKey);
    if (begun) {
      throw loginRequired(target, begun, response);
    }
    const provider = this.provider(target, discovery, {
      ...(kept && { tokens: kept.tokens }),
    });
    await auth(provider, {
      serverUrl: target.url,
      fetchFn,
      forceReauthorization: scopes !== undefined,
      ...(scope !== undefined && { scope }),
    });
    const { authorizationUrl, client } = provider;
    if (!authorizationUrl || !client) {
      return this.accept(target, provider, kept?.asked);
    }
    const pending: PendingLogin = {
      server: target.name,
      user: user,
      until: Date.now() + this.logins.lifetime,
      authorizationUrl: authorizationUrl.href,
      scope: authorizationUrl.searchParams.get('scope') ?? undefined,
      verifier: provider.verifier,
      client,
      discovery,
    };
    const { stateOfLogin } = provider;
    await this.logins.keep(target.store, stateOfLogin, loginKey, pending);
    throw loginRequired(target, pending, response);
  }

  /** Redeems what a login has given (RFC 6749, section 4.1.3). */
  async redeem(
    target: AuthTarget,
    login: PendingLogin,
    answer: LoginAnswer,
  ): Promise<UserTokens> {
    const provider = this.provider(target, login.discovery, { pending: login });
    await auth(provider, {
      serverUrl: target.url,
      fetchFn: this.fetchFor(target),
      ...answer,
    });
    return this.accept(target, provider, login.scope);
  }

  /** The session of the key that tokens are bound to; undefined where they are not. */
  dpop(): Promise<DpopSession> | undefined {
    return this.options.dpop
      ? (this.session ??= DpopSession.create())
      : undefined;
  }

  private provider(
    { store }: AuthTarget,
    discovery: OAuthDiscoveryState,
    from: Pick<LoginStart, 'tokens' | 'pending'>,
  ): LoginProvider {
    return new LoginProvider({
      client: this.client,
      resource: this.options.resource,
      dpop: () => this.dpop(),
      store,
      discovery,
      ...from,
    });
  }

  /** @throws McpUnauthorizedError for no token, and one that should be bound to a key and is not */
  private accept(
    target: AuthTarget,
    { saved }: LoginProvider,
    asked: string | undefined,
  ): UserTokens {
    if (
      !saved ||
      (this.options.dpop && saved.token_type.toLowerCase() !== 'dpop')
    ) {
      throw new McpUnauthorizedError(
        target.name,
        saved
          ? 'the issuer gave a token that is not bound to the key (dpop)'
          : 'the issuer gave no token',
      );
    }
    return { ...keptTokens(saved, saved.issuer ?? ''), asked };
  }

  private fetchFor(target: AuthTarget): ReturnType<typeof oauthFetch> {
    const { issuer, allowPrivateHosts = false } = this.options;
    return oauthFetch(target, [issuer], allowPrivateHosts);
  }
}

/** The only value of a parameter. */
export function one(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) {
    throw new LoginRefused(`${name} is there twice`);
  }
  return value;
}

function stateKey(state: string): string {
  return tokenKey('login', state);
}

function loginRequired(
  { name }: AuthTarget,
  { authorizationUrl, scope }: PendingLogin,
  response: Response | undefined,
): McpLoginRequiredError {
  return new McpLoginRequiredError(
    name,
    authorizationUrl,
    scope?.split(' ') ?? [],
    response?.headers.get('www-authenticate') ?? undefined,
  );
}
