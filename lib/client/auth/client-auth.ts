import {
  extractWWWAuthenticateParams,
  type FetchLike,
} from '@modelcontextprotocol/client';
import {
  McpInsufficientScopeError,
  McpUnauthorizedError,
} from '../client.errors.js';
import type { TokenStore } from '../tokens/token.store.js';

/** The server that requests go to. @publicApi */
export interface AuthTarget {
  /** Name of the server. */
  readonly name: string;
  /** Its endpoint: credentials are sent to the origin of this URL alone. */
  readonly url: URL;
  /** Sends a request to the server, without credentials; redirects are not followed. */
  readonly fetch: FetchLike;
  /** Where tokens are kept. */
  readonly store: TokenStore;
}

/** On whose behalf a call is made. @publicApi */
export interface ClientCaller {
  /**
   * Whose tokens are used, where users log in: an id of your own.
   * @default issuer and subject of the token that the current request came with
   */
  readonly user?: string;
  /**
   * Access token of the caller, for token exchange.
   * @default the one that the current request came with
   */
  readonly token?: string;
}

/**
 * Puts credentials on the requests to one server. Extend {@link TokenAuth}
 * instead where they are a token.
 *
 * @publicApi
 */
export abstract class ClientAuth {
  /**
   * Callers of one key share a connection, its session and its caches;
   * undefined where everybody does.
   */
  principalOf(_caller: ClientCaller): string | undefined {
    return undefined;
  }

  /** Called at start-up, for a server at a `url` that this is for. */
  attach(_target: AuthTarget): void {
    // Most have nothing to do before a call.
  }

  /**
   * The `fetch` of a server, with credentials added.
   *
   * @param caller of the request being sent
   */
  abstract wrap(target: AuthTarget, caller: () => ClientCaller): FetchLike;
}

/** A token as it was refused, and by what answer. @publicApi */
export interface RefusedToken {
  /** Undefined where none was sent. */
  readonly token: string | undefined;
  readonly response: Response;
  /** On whose behalf it was sent. */
  readonly caller: ClientCaller;
}

/**
 * Sends a token as `Authorization: Bearer` (RFC 6750). An answer of 401 has it
 * renewed and the request repeated, once.
 *
 * @publicApi
 */
export abstract class TokenAuth extends ClientAuth {
  /** The token to send; undefined for none. */
  protected abstract token(
    target: AuthTarget,
    caller: ClientCaller,
  ): Promise<string | undefined>;

  /** Another token in place of one that was answered with 401; undefined where there is none. */
  protected renew(
    _target: AuthTarget,
    _refused: RefusedToken,
  ): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  /** A token with the scopes that an answer of 403 asks for; undefined where nobody can be asked. */
  protected stepUp(
    _target: AuthTarget,
    _refused: RefusedToken,
    _scopes: readonly string[],
  ): Promise<string | undefined> {
    return Promise.resolve(undefined);
  }

  /** Sends a request with this token. */
  protected send(
    { fetch }: AuthTarget,
    token: string | undefined,
    url: string | URL,
    init: RequestInit | undefined,
  ): Promise<Response> {
    const headers = new Headers(init?.headers);
    if (token !== undefined) {
      this.stamp(headers, token);
    }
    return fetch(url, { ...init, headers });
  }

  /** Puts a token among the headers of a request. */
  protected stamp(headers: Headers, token: string): void {
    headers.set('authorization', `Bearer ${token}`);
  }

  override wrap(
    target: AuthTarget,
    currentCaller: () => ClientCaller,
  ): FetchLike {
    return async (url, init) => {
      if (new URL(url).origin !== target.url.origin) {
        return target.fetch(url, init);
      }
      const caller = currentCaller();
      const token = await this.token(target, caller);
      const response = await this.send(target, token, url, init);
      const again = await this.recover(target, { token, response, caller });
      if (again === undefined) {
        return response;
      }
      await response.body?.cancel();
      const repeated = await this.send(target, again, url, init);
      if (repeated.status === 401) {
        await repeated.body?.cancel();
        throw unauthorized(target, repeated);
      }
      refuseScope(target, repeated);
      return repeated;
    };
  }

  /** The token to repeat a refused request with; undefined for an answer that stands. */
  private async recover(
    target: AuthTarget,
    refused: RefusedToken,
  ): Promise<string | undefined> {
    const { response, token } = refused;
    if (response.status === 401) {
      const renewed = await this.renew(target, refused);
      if (renewed === undefined || renewed === token) {
        await response.body?.cancel();
        throw unauthorized(target, response);
      }
      return renewed;
    }
    const scopes = missingScopes(response);
    if (!scopes) {
      return undefined;
    }
    const wider = await this.stepUp(target, refused, scopes);
    if (wider === undefined) {
      refuseScope(target, response);
    }
    return wider;
  }
}

/** The scopes of an `insufficient_scope` challenge; undefined for any other answer. */
function missingScopes(response: Response): readonly string[] | undefined {
  if (response.status !== 403) {
    return undefined;
  }
  const { error, scope = '' } = extractWWWAuthenticateParams(response);
  return error === 'insufficient_scope'
    ? scope.split(' ').filter(Boolean)
    : undefined;
}

/** @throws McpInsufficientScopeError for an answer that asks for scopes */
export function refuseScope(target: AuthTarget, response: Response): void {
  const scopes = missingScopes(response);
  if (scopes) {
    throw new McpInsufficientScopeError(
      target.name,
      scopes,
      challengeOf(response),
    );
  }
}

/** What an answer of 401 says. */
export function unauthorized(
  target: AuthTarget,
  response: Response,
): McpUnauthorizedError {
  const { errorDescription, error } = extractWWWAuthenticateParams(response);
  return new McpUnauthorizedError(
    target.name,
    errorDescription ?? error ?? 'the server refused the credentials',
    challengeOf(response),
  );
}

function challengeOf({ headers }: Response): string | undefined {
  return headers.get('www-authenticate') ?? undefined;
}
