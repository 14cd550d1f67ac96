import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AccessToken } from '../access-token.js';
import type { AccessRule } from '../access/access-rule.js';
import { OperationAccess } from '../access/operation.access.js';
import { setCurrentToken } from '../context/request-context.js';
import {
  credentialsMissing,
  httpsRequired,
  McpAuthException,
  scopeMissing,
  tokenInQuery,
  tokenRefused,
  verifierUnavailable,
} from '../errors/auth.exception.js';
import { eventSubject, McpSecurityEvents } from '../events/security-events.js';
import { VerifierUnavailableError } from '../errors/verifier-unavailable.error.js';
import type { RequestWithHeaders } from './auth.provider.js';
import { ServerAuth } from './server-auth.js';

/** What the guard reads of, and writes to, a request of either adapter. */
export interface GuardedRequest extends RequestWithHeaders {
  readonly raw?: { auth?: unknown; user?: unknown };
  readonly url: string;
  readonly protocol?: string;
  readonly ip?: string;
  auth?: unknown;
  user?: unknown;
}

/** Which server verified a token: its identity is trusted there, and nowhere else. */
const verifiedBy = new WeakMap<AccessToken, ServerAuth>();

/**
 * Lets nobody through without a token that was issued for this server, with the
 * scopes that the operation asks for. Each step is a method of its own, to be
 * overridden.
 *
 * On an ordinary route that a tool re-enters, the identity carried by the call
 * is trusted and not verified twice.
 *
 * @publicApi
 */
@Injectable()
export class McpAuthGuard implements CanActivate {
  constructor(
    protected readonly auth: ServerAuth,
    protected readonly operations: OperationAccess,
    private readonly events: McpSecurityEvents,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /** @throws McpAuthException 401, 403 or 503, its challenge already on the response */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.auth.verifiesTokens) {
      return true;
    }
    const request = this.getRequest(context);
    if (this.auth.isExcluded(request.url)) {
      return true;
    }
    try {
      const rules = this.operations.rulesOf(context);
      const needed = this.auth.scopesOf(rules);
      this.checkTransport(request, needed);
      const token = await this.identify(request, needed);
      this.checkAccess(token, rules, needed);
      this.attach(request, token);
      return true;
    } catch (error) {
      if (error instanceof McpAuthException) {
        this.addHeaders(context, request, error);
        this.events.emit(() => ({
          type: 'refused',
          status: error.getStatus(),
          error: error.error,
        }));
      }
      throw error;
    }
  }

  protected getRequest(context: ExecutionContext): GuardedRequest {
    return context.switchToHttp().getRequest<GuardedRequest>();
  }

  /** What must be right before any token is looked at. */
  protected checkTransport(
    request: GuardedRequest,
    needed: readonly string[],
  ): void {
    if (
      this.auth.settings.requireHttps &&
      request.protocol !== 'https' &&
      !isLoopback(request.ip)
    ) {
      throw httpsRequired();
    }
    const query = request.url.split('?', 2)[1] ?? '';
    if (new URLSearchParams(query).has('access_token')) {
      throw tokenInQuery(needed);
    }
  }

  /** The caller; null for one without credentials. */
  protected async identify(
    request: GuardedRequest,
    needed: readonly string[],
  ): Promise<AccessToken | null> {
    const carried = request.auth ?? request.raw?.auth;
    if (AccessToken.is(carried) && verifiedBy.get(carried) === this.auth) {
      return carried;
    }
    let token: AccessToken | null;
    try {
      token = await this.auth.authenticate(request);
    } catch (error) {
      throw VerifierUnavailableError.is(error)
        ? verifierUnavailable(error.retryAfter)
        : tokenRefused(needed);
    }
    if (token && (!AccessToken.is(token) || token.isExpired())) {
      throw tokenRefused(needed);
    }
    if (token) {
      verifiedBy.set(token, this.auth);
      this.events.emit(() => ({
        type: 'authenticated',
        ...eventSubject(token),
      }));
    }
    return token;
  }

  /** Scopes of a token; for anonymous callers, whether everything asked for is public. */
  protected checkAccess(
    token: AccessToken | null,
    rules: readonly AccessRule[],
    needed: readonly string[],
  ): void {
    if (!this.auth.allows(token, rules)) {
      if (token) {
        this.events.emit(() => ({
          type: 'scope_missing',
          scopes: needed,
          ...eventSubject(token),
        }));
      }
      throw token ? scopeMissing(needed) : credentialsMissing(needed);
    }
  }

  /** Where guards, decorators and `getAccessToken()` find the caller. */
  protected attach(request: GuardedRequest, token: AccessToken | null): void {
    setCurrentToken(token);
    if (!token) {
      return;
    }
    const { resolveUser } = this.auth.settings;
    const user = resolveUser?.(token, request);
    for (const target of [request, request.raw]) {
      if (target) {
        target.auth = token;
        if (user !== undefined) {
          target.user = user;
        }
      }
    }
  }

  private addHeaders(
    context: ExecutionContext,
    request: GuardedRequest,
    { challenge, retryAfter }: McpAuthException,
  ): void {
    const response: unknown = context.switchToHttp().getResponse();
    const set = (name: string, value: string): void =>
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    set('Cache-Control', 'no-store');
    if (challenge) {
      set('WWW-Authenticate', this.auth.challenge(request, challenge));
    }
    if (retryAfter !== undefined) {
      set('Retry-After', String(retryAfter));
    }
  }
}

function isLoopback(address: string | undefined): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address ?? '');
}
