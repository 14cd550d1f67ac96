import { Injectable } from '@nestjs/common';
import type { RequestWithHeaders } from '../auth/guards/auth.provider.js';
import { PLAIN_RULE } from '../auth/access/access-rule.js';
import {
  assertedScopes,
  getAccessToken,
} from '../auth/context/request-context.js';
import type { ChallengeParameters } from '../auth/guards/auth.challenge.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import type { Operation } from '../invocation/operation.interface.js';
import type { Exchange } from './exchange.js';
import { CallAccess } from './call-access.js';

/** How a call was refused, if it was. */
export interface Refusal {
  readonly refusal?: 401 | 403;
  /** For the caller. */
  readonly message?: string | undefined;
}

/**
 * Lifts a route's 401 or 403 from the result of the call to the HTTP answer,
 * with a challenge, so that the client knows to get another token (MCP
 * Authorization, "Runtime Insufficient Scope Errors"). Where there is no other
 * token to get, the result stays as it is: on a server without `auth`, and where
 * a guard of the application answers 401 to a token that was found good here.
 */
@Injectable()
export class CallRefusal {
  constructor(
    private readonly auth: ServerAuth,
    private readonly access: CallAccess,
  ) {}

  note(
    exchange: Exchange | undefined,
    operation: Operation,
    { refusal: status, message = '' }: Refusal,
  ): void {
    if (!exchange || status === undefined || !this.auth.verifiesTokens) {
      return;
    }
    const request = exchange.request as RequestWithHeaders & { body?: unknown };
    if (Array.isArray(request.body)) {
      // The others in the batch have answers of their own.
      return;
    }
    if (status === 401 && getAccessToken() && !this.isOfProvider) {
      return;
    }
    const challenge = this.challengeOf(
      status,
      this.auth.scopes.neededBy([
        this.access.ruleOf(operation),
        { ...PLAIN_RULE, scopes: assertedScopes() },
      ]),
    );
    exchange.refusal = {
      status,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'www-authenticate': this.auth.challenge(
          request,
          challenge,
          getAccessToken(),
        ),
      },
      body: JSON.stringify({
        error: challenge.error ?? 'access_denied',
        error_description: message,
      }),
    };
  }

  /** Whether routes get the identity provider's token, for which a new login helps. */
  private get isOfProvider(): boolean {
    return (
      this.auth.settings.authorizationServer?.forwardUpstreamToken === true
    );
  }

  /** More scopes would not help who has all that the tool asks for, so none are then named. */
  private challengeOf(
    status: 401 | 403,
    scopes: readonly string[],
  ): ChallengeParameters {
    if (status === 401) {
      return { error: 'invalid_token', scopes };
    }
    const token = getAccessToken();
    return token && this.auth.scopes.missing(token, scopes).length === 0
      ? {}
      : { error: 'insufficient_scope', scopes };
  }
}
