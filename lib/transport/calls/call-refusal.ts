import {
  type CallToolResult,
  ProtocolError,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { PLAIN_RULE } from '../../auth/access/access-rule.js';
import type { ChallengeParameters } from '../../auth/challenge/auth.challenge.js';
import {
  assertedScopes,
  getAccessToken,
} from '../../auth/context/request-context.js';
import type { RequestWithHeaders } from '../../auth/credentials/auth.provider.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import { CallContext } from '../../invocation/call/call-context.js';
import { McpError } from '../../invocation/call/call.errors.js';
import type { Call } from '../../invocation/call/call.interface.js';
import {
  type CallFailure,
  type CallResult,
  failed,
  type FailedCall,
  type Operation,
} from '../../invocation/call-result.js';
import type { Tool } from '../../tools/tool.registry.js';
import type {
  EndpointRequest,
  HttpRefusal,
} from '../request/endpoint-request.js';
import { CallAccess } from './call-access.js';

/** Nothing to fill in: whether the person says yes is all there is. */
const CONFIRMATION = { type: 'object', properties: {} } as const;

/** Calls a tool, once the person in front of the client agrees where it asks for that. */
export function callTool(
  tool: Tool,
  call: Call,
): Promise<CallResult<CallToolResult>> {
  return tool.confirm === undefined
    ? tool.call(call)
    : confirm(tool.confirm).then((refusal) => refusal ?? tool.call(call));
}

/** What the caller gets without a yes; undefined with one. */
async function confirm(question: string): Promise<FailedCall | undefined> {
  try {
    const answer = await CallContext.current()?.elicit(question, CONFIRMATION, {
      key: 'confirm',
    });
    return answer?.action === 'accept'
      ? undefined
      : failed('caller', 'The user did not agree to this call.');
  } catch (error) {
    if (McpError.is(error)) {
      return failed('caller', error.message);
    }
    throw error;
  }
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
    exchange: EndpointRequest | undefined,
    operation: Operation,
    { status, message }: CallFailure,
  ): void {
    if (
      !exchange ||
      (status !== 401 && status !== 403) ||
      !this.auth.verifiesTokens
    ) {
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

/** An HTTP status, as text; the code of a JSON-RPC error; or what a result says. */
export function failureType(
  answer: unknown,
  refusal: HttpRefusal | undefined,
): string | number {
  if (refusal) {
    return String(refusal.status);
  }
  return answer instanceof ProtocolError ? answer.code : 'tool_error';
}
