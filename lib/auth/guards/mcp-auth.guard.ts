import {
  type CanActivate,
  type ExecutionContext,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  Optional,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { carryCaller } from '../../platform/http-pair.js';
import { AccessToken } from '../token/access-token.js';
import type { AccessRule } from '../access/access-rule.js';
import {
  credentialsMissing,
  httpsRequired,
  McpAuthException,
  scopeMissing,
  tokenInQuery,
  tokenRefused,
  verifierUnavailable,
  type ChallengeParameters,
} from '../challenge/auth.challenge.js';
import { type AddressedRequest, addressOf } from '../../platform/http-pair.js';
import { eventSubject, McpSecurityEvents } from '../audit/security-events.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import {
  verifiedTokenOf,
  type CarryingRequest,
  markVerified,
} from '../server/carried-token.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
  ProtectedResources,
} from '../server/protected-resources.js';

/** What the guard reads of a request of any adapter. */
interface GuardedRequest extends CarryingRequest, AddressedRequest {
  readonly url: string;
  readonly protocol?: string;
}

/**
 * Lets nobody through without a token that was issued for this server, with the
 * scopes that the operation asks for. Each step is a method of its own, to be
 * overridden.
 *
 * On an ordinary route that a tool re-enters, the identity carried by the call
 * is not verified twice where it was verified by the same options, or by others
 * that accept the same issuer and audience. Elsewhere the route looks at the
 * credentials that the call forwards, as it would over HTTP.
 *
 * @publicApi
 */
@Injectable()
export class McpAuthGuard implements CanActivate, OnApplicationBootstrap {
  constructor(
    private readonly places: ProtectedResources,
    private readonly events: McpSecurityEvents,
    private readonly adapterHost: HttpAdapterHost,
    @Optional()
    @Inject(ENDPOINT_RESOURCE)
    private readonly own?: ProtectedResource,
  ) {}

  /** @throws Error where nothing says which tokens the guarded routes take */
  onApplicationBootstrap(): void {
    if (!this.own) {
      this.places.routes();
    }
  }

  /** @throws McpAuthException 401, 403 or 503, its challenge already on the response */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const place = this.own ?? this.places.of(context.getClass());
    const isOpen = place.endpoint && !place.auth.verifiesTokens;
    return isOpen || this.admit(place, context);
  }

  private async admit(
    place: ProtectedResource,
    context: ExecutionContext,
  ): Promise<boolean> {
    const { auth, operations } = place;
    const request = this.getRequest(context);
    if (auth.isExcluded(request.url)) {
      return true;
    }
    let caller: AccessToken | null = null;
    try {
      const rules = operations.rulesOf(context);
      const needed = auth.scopes.neededBy(rules);
      this.checkTransport(place, request, needed);
      caller = await this.identify(place, request, needed);
      this.checkAccess(
        place,
        caller,
        auth.allows(caller, rules)
          ? rules
          : await operations.knownRulesOf(context, caller),
      );
      await this.attach(place, request, caller);
      return true;
    } catch (error) {
      if (error instanceof McpAuthException) {
        const challenge = await knownChallenge(
          error.challenge,
          place,
          context,
          caller,
        );
        this.addHeaders(context, {
          challenge:
            challenge && place.auth.challenge(request, challenge, caller),
          retryAfter: error.retryAfter,
        });
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
    { auth }: ProtectedResource,
    request: GuardedRequest,
    needed: readonly string[],
  ): void {
    if (
      auth.settings.requireHttps &&
      request.protocol !== 'https' &&
      !isLoopback(addressOf(request))
    ) {
      throw httpsRequired();
    }
    const query = request.url.indexOf('?');
    if (
      query !== -1 &&
      new URLSearchParams(request.url.slice(query + 1)).has('access_token')
    ) {
      throw tokenInQuery(needed);
    }
  }

  /** The caller; null for one without credentials. */
  protected async identify(
    { auth }: ProtectedResource,
    request: GuardedRequest,
    needed: readonly string[],
  ): Promise<AccessToken | null> {
    const carried = verifiedTokenOf(request, auth);
    if (carried) {
      return carried;
    }
    let token: AccessToken | null | undefined;
    try {
      token = await auth.authenticate(request);
    } catch (error) {
      throw VerifierUnavailableError.is(error)
        ? verifierUnavailable(error.retryAfter)
        : tokenRefused(needed);
    }
    if (token && (!AccessToken.is(token) || token.isExpired())) {
      throw tokenRefused(needed);
    }
    if (token) {
      markVerified(token, auth);
      this.events.emit(() => ({
        type: 'authenticated',
        ...eventSubject(token),
      }));
    }
    return token ?? null;
  }

  /** Scopes of a token; for anonymous callers, whether everything asked for is public. */
  protected checkAccess(
    { auth }: ProtectedResource,
    token: AccessToken | null,
    rules: readonly AccessRule[],
  ): void {
    if (!auth.allows(token, rules)) {
      const needed = auth.scopes.neededBy(rules);
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
  protected async attach(
    { auth }: ProtectedResource,
    request: GuardedRequest,
    token: AccessToken | null,
  ): Promise<void> {
    auth.noteCaller(token);
    if (!token) {
      return;
    }
    const { resolveUser } = auth.settings;
    const user = resolveUser && (await resolveUser(token, request));
    carryCaller(request, { auth: token, user });
  }

  private addHeaders(
    context: ExecutionContext,
    {
      challenge,
      retryAfter,
    }: {
      readonly challenge: string | undefined;
      readonly retryAfter: number | undefined;
    },
  ): void {
    const response: unknown = context.switchToHttp().getResponse();
    const set = (name: string, value: string): void =>
      this.adapterHost.httpAdapter.setHeader(response, name, value);
    set('Cache-Control', 'no-store');
    if (challenge) {
      set('WWW-Authenticate', challenge);
    }
    if (retryAfter !== undefined) {
      set('Retry-After', String(retryAfter));
    }
  }
}

function isLoopback(address: string | undefined): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(address ?? '');
}

/**
 * A challenge less the scopes of operations that do not exist for the caller,
 * whom null stands for while nobody is known.
 */
async function knownChallenge(
  challenge: ChallengeParameters | undefined,
  { auth, operations }: ProtectedResource,
  context: ExecutionContext,
  caller: AccessToken | null,
): Promise<ChallengeParameters | undefined> {
  if (!challenge?.scopes) {
    return challenge;
  }
  const all = auth.scopes.neededBy(operations.rulesOf(context));
  const known = auth.scopes.neededBy(
    await operations.knownRulesOf(context, caller),
  );
  return {
    ...challenge,
    scopes: challenge.scopes.filter(
      (scope) => known.includes(scope) || !all.includes(scope),
    ),
  };
}
