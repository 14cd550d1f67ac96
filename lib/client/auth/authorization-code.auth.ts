import type { Type } from '@nestjs/common';
import {
  validateAuthorizationResponseIssuer,
  withDpop,
} from '@modelcontextprotocol/client';
import { McpUnauthorizedError } from '../client.errors.js';
import { isFresh, TokenCache, tokenKey } from '../tokens/token-cache.js';
import {
  type AuthTarget,
  type ClientCaller,
  type RefusedToken,
  TokenAuth,
} from './client-auth.js';
import {
  type LoginAnswer,
  one,
  LoginFlow,
  LoginRefused,
  type PendingLogin,
  type Refused,
  type UserTokens,
} from './login-flow.js';
import {
  loginController,
  type LoginControllerOptions,
} from './login.controller.js';
import {
  type AuthorizationCodeAuthOptions,
  checkLogin,
} from './grant-options.js';
import type { LoginClient } from './login-provider.js';
import { tokenFailure } from './oauth-fetch.js';

/**
 * Sends the tokens of the user who a call is made for. A user without any has
 * to log in: the call throws an {@link McpLoginRequiredError}, which tells where
 * (OAuth 2.1 with PKCE; MCP, Authorization).
 *
 * @publicApi
 */
export class AuthorizationCodeAuth extends TokenAuth {
  readonly #options: AuthorizationCodeAuthOptions;
  /** Holds a secret, and so is shown nowhere. */
  readonly #client: LoginClient;
  private readonly scope: string | undefined;
  private readonly cache = new TokenCache();
  private readonly flow: LoginFlow;
  private readonly targets = new Map<string, AuthTarget>();

  /** @throws Error naming the option, its value and the remedy */
  constructor(options: AuthorizationCodeAuthOptions) {
    super();
    this.scope = checkLogin(options);
    this.#options = options;
    this.#client = { clientName: 'nestjs-mcp', ...options };
    this.flow = new LoginFlow(this.#client, options, this.scope);
  }

  /**
   * The controller that browsers come back to, for `controllers` of a module. It
   * is at the path of `redirectUri`.
   *
   * @throws Error naming the option, its value and the remedy
   */
  controller(options: LoginControllerOptions): Type<unknown> {
    return loginController(this, this.#client, options);
  }

  /**
   * Ends a login, for applications with a controller of their own: takes the
   * code that the browser brought, and keeps the tokens for the user.
   *
   * @param query of the URL that the browser came with
   * @param user whom the browser belongs to, as {@link ClientCaller.user}; only who began a login can end it
   * @throws McpUnauthorizedError where the login is not theirs, is over, or was refused
   */
  async finish(query: URLSearchParams, user: string): Promise<void> {
    const [login, answer] = await this.answered(query, user);
    const target = this.targets.get(login.server);
    if (!target) {
      throw new Error(`There is no server ${login.server} any more`);
    }
    try {
      await this.cache.keep(
        target.store,
        await this.keyOf(target, { user }),
        await this.flow.redeem(target, login, answer),
      );
    } catch (error) {
      throw tokenFailure(target, error);
    }
  }

  override principalOf({ user }: ClientCaller): string {
    return tokenKey('user', user ?? null);
  }

  override attach(target: AuthTarget): void {
    this.targets.set(target.name, target);
  }

  override wrap(
    ...[target, caller]: Parameters<TokenAuth['wrap']>
  ): ReturnType<TokenAuth['wrap']> {
    this.attach(target);
    return super.wrap(target, caller);
  }

  protected override async token(
    target: AuthTarget,
    caller: ClientCaller,
  ): Promise<string | undefined> {
    if (caller.user === undefined) {
      throw new McpUnauthorizedError(
        target.name,
        'there is no user whose token could be sent. Call it in a request with a token, or by forCaller({ user })',
      );
    }
    const key = await this.keyOf(target, caller);
    const kept = await this.cache.get(target.store, key);
    if (kept && isFresh(kept)) {
      return kept.tokens.access_token;
    }
    // Else the server's challenge tells what to ask for.
    return kept?.tokens.refresh_token === undefined
      ? undefined
      : this.obtain(target, caller, {});
  }

  protected override renew(
    target: AuthTarget,
    { token, response, caller }: RefusedToken,
  ): Promise<string> {
    return this.obtain(target, caller, { token, response });
  }

  protected override async stepUp(
    target: AuthTarget,
    { token, response, caller }: RefusedToken,
    scopes: readonly string[],
  ): Promise<string | undefined> {
    const key = await this.keyOf(target, caller);
    const kept = (await this.cache.get(target.store, key)) as
      UserTokens | undefined;
    const asked = kept?.asked?.split(' ') ?? [];
    // The user was asked already, and the server wants something else.
    return kept?.tokens.access_token === token &&
      scopes.every((scope) => asked.includes(scope))
      ? undefined
      : this.obtain(target, caller, { token, response, scopes });
  }

  protected override async send(
    ...[target, token, url, init]: Parameters<TokenAuth['send']>
  ): Promise<Response> {
    const session = token === undefined ? undefined : await this.flow.dpop();
    return session
      ? withDpop(session, () => token)(target.fetch)(url, init)
      : super.send(target, token, url, init);
  }

  private async obtain(
    target: AuthTarget,
    caller: ClientCaller,
    refused: Refused,
  ): Promise<string> {
    const key = await this.keyOf(target, caller);
    try {
      const { tokens } = await this.cache.obtain(
        target.store,
        key,
        refused.token,
        (kept) =>
          this.flow.ask(
            target,
            this.principalOf(caller),
            key,
            refused,
            kept as UserTokens | undefined,
          ),
      );
      return tokens.access_token;
    } catch (error) {
      throw tokenFailure(target, error);
    }
  }

  private async answered(
    query: URLSearchParams,
    user: string,
  ): Promise<[PendingLogin, LoginAnswer]> {
    const targets = [...this.targets.values()];
    try {
      if (typeof user !== 'string' || user === '') {
        throw new LoginRefused('nobody is logged in at this application');
      }
      const login = await this.flow.logins.take(
        new Set(targets.map(({ store }) => store)),
        query,
        this.principalOf({ user }),
      );
      return [login, answerIn(query, login)];
    } catch (error) {
      if (error instanceof LoginRefused) {
        const names = targets.map(({ name }) => name).join(', ');
        throw new McpUnauthorizedError(names, error.message, undefined, {
          cause: error,
        });
      }
      throw error;
    }
  }

  private async keyOf(
    target: AuthTarget,
    caller: ClientCaller,
  ): Promise<string> {
    const { redirectUri, clientId, issuer, resource } = this.#options;
    return tokenKey(
      'tokens',
      'AuthorizationCodeAuth',
      target.url.href,
      redirectUri,
      clientId ?? null,
      issuer ?? null,
      resource ?? null,
      this.scope ?? null,
      this.principalOf(caller),
      (await this.flow.dpop())?.thumbprint ?? null,
    );
  }
}

/**
 * What the authorization server answered (RFC 6749, section 4.1.2; RFC 9207).
 *
 * @throws LoginRefused
 */
function answerIn(
  query: URLSearchParams,
  { discovery: { authorizationServerMetadata: metadata } }: PendingLogin,
): LoginAnswer {
  const [iss, error, code] = ['iss', 'error', 'code'].map((name) =>
    one(query, name),
  );
  try {
    validateAuthorizationResponseIssuer({
      iss,
      expectedIssuer: metadata?.issuer,
      issParameterSupported:
        metadata?.authorization_response_iss_parameter_supported === true,
    });
  } catch (cause) {
    throw new LoginRefused(
      'the answer is not from the issuer that the login was begun at',
      { cause },
    );
  }
  if (error !== undefined || code === undefined) {
    // Anybody can write an error into a URL.
    const reason = /^[a-z_]{1,40}$/.test(error ?? '') ? error : 'no code';
    throw new LoginRefused(`the login was refused (${reason})`);
  }
  return { authorizationCode: code, ...(iss !== undefined && { iss }) };
}
