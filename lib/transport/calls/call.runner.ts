import {
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
} from '@modelcontextprotocol/server';
import { Injectable, Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import {
  eventSubject,
  McpSecurityEvents,
} from '../../auth/audit/security-events.js';
import {
  getAccessToken,
  runNested,
} from '../../auth/context/request-context.js';
import { ProtectedResources } from '../../auth/server/protected-resources.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import { InvalidTokenError } from '../../auth/token/token.errors.js';
import { CallContext } from '../../invocation/call/call-context.js';
import type { Call } from '../../invocation/call/call.interface.js';
import { Cancellation } from '../../invocation/call/cancellation.js';
import {
  type CallResult,
  failed,
  type FailedCall,
  INTERNAL,
  isRefused,
  type Operation,
} from '../../invocation/call-result.js';
import type {
  NoteFailure,
  ObservedRequest,
} from '../../telemetry/observed-request.interface.js';
import { Telemetry } from '../../telemetry/telemetry.js';
import { ClientLinkFactory } from '../client-link/client-link.factory.js';
import type { LegacyClientLink } from '../client-link/legacy.client-link.js';
import type { ModernClientLink } from '../client-link/modern.client-link.js';
import { progressReporter } from '../client-link/progress-reporter.js';
import {
  type CallRequest,
  currentRequest,
  type OperationRequest,
} from '../request/endpoint-request.js';
import { CallAccess } from './call-access.js';
import { CallRefusal, failureType } from './call-refusal.js';

/** What telemetry is told of a call. */
function observed({
  operation: { kind, name },
  server,
  context: { mcpReq, sessionId },
}: CallRequest<unknown>): ObservedRequest {
  return {
    method: mcpReq.method,
    kind,
    name,
    requestId: mcpReq.id,
    protocolVersion: server.getNegotiatedProtocolVersion(),
    sessionId,
    isHttp: currentRequest()?.response !== undefined,
    meta: mcpReq._meta,
    signal: mcpReq.signal,
  };
}

/**
 * Runs what clients call, the same way for every kind of operation: predicates,
 * the upstream token, the context, questions that are still open, the challenge
 * of a refusal, and the record of who did what.
 */
@Injectable()
export class CallRunner {
  private readonly logger = new Logger('McpCall');

  constructor(
    private readonly auth: ServerAuth,
    private readonly access: CallAccess,
    private readonly channels: ClientLinkFactory,
    private readonly refusals: CallRefusal,
    private readonly events: McpSecurityEvents,
    private readonly telemetry: Telemetry,
    private readonly places: ProtectedResources,
  ) {}

  /** @throws ProtocolError for a failure that its kind of operation tells as one */
  run<R>(request: CallRequest<R>): Promise<R | InputRequiredResult> {
    return this.telemetry.isActive
      ? this.telemetry.observe(observed(request), (noteFailure) =>
          this.answer(request, noteFailure),
        )
      : this.answer(request);
  }

  private async answer<R>(
    request: CallRequest<R>,
    noteFailure?: NoteFailure,
  ): Promise<R | InputRequiredResult> {
    const { operation, server, context, name } = request;
    const started = performance.now();
    const token = getAccessToken();
    const opened = this.channels.open(server, context, {
      name,
      arguments: request.arguments,
    });
    const channel = opened instanceof Promise ? await opened : opened;
    const exchange = currentRequest();
    const call: Call = {
      kind: operation.kind,
      name,
      arguments: request.arguments,
      request: exchange?.request,
      response: exchange?.response,
      cancellation:
        context.cancellation ?? new Cancellation(context.mcpReq.signal),
      reportProgress: progressReporter(context),
      channel,
    };
    let outcome = await this.attempt(request, call, token);
    // What is settled needs no turn of its own: most calls ask nothing.
    const required = hasAsked(channel)
      ? await channel.required().catch((cause: unknown) => {
          outcome = thrown(cause);
          return undefined;
        })
      : undefined;
    this.record(
      request,
      token,
      started,
      required ? 'input_required' : outcomeOf(outcome),
    );
    if (required) {
      return required;
    }
    const { failure } = outcome;
    if (failure === undefined) {
      if (saysError(outcome.result)) noteFailure?.('tool_error');
      return outcome.result;
    }
    if ('cause' in failure) {
      throw this.masked(failure.cause, operation);
    }
    this.refusals.note(exchange, operation, failure);
    const answer = request.tell(failure);
    noteFailure?.(failureType(answer, exchange?.refusal));
    if (answer instanceof ProtocolError) {
      throw answer;
    }
    return answer;
  }

  /**
   * Runs what the application itself calls, which has nobody to be asked or
   * challenged.
   *
   * @throws what `invoke` throws, and the error that a failure is told as
   */
  async runLocal<R>(
    request: OperationRequest<R>,
    call: Call,
    token: AccessToken | null,
  ): Promise<R> {
    const started = performance.now();
    const outcome = await this.attempt(request, call, token);
    this.record(request, token, started, outcomeOf(outcome));
    const { failure } = outcome;
    if (failure === undefined) {
      return outcome.result;
    }
    const answer = 'cause' in failure ? failure.cause : request.tell(failure);
    if ('cause' in failure || answer instanceof ProtocolError) {
      throw answer;
    }
    return answer as R;
  }

  private async attempt<R>(
    request: OperationRequest<R>,
    call: Call,
    token: AccessToken | null,
  ): Promise<CallResult<R>> {
    try {
      let permits = this.access.permits(
        request.operation,
        token,
        call.arguments,
      );
      if (permits !== true) {
        permits = await permits;
      }
      if (permits !== true) {
        return refused('Forbidden', 403);
      }
      const forwarded = this.auth.tokenIssuer.forwardedAuthorization(token);
      return await (forwarded
        ? this.invokeWith(forwarded, request, call)
        : this.invoke(request, call));
    } catch (cause) {
      return thrown(cause);
    }
  }

  /** Calls with another authorization than the caller's. */
  private async invokeWith<R>(
    forwarded: Promise<string>,
    request: OperationRequest<R>,
    call: Call,
  ): Promise<CallResult<R>> {
    let authorization: string;
    try {
      authorization = await forwarded;
    } catch (error) {
      return error instanceof InvalidTokenError
        ? refused('Log in again', 401)
        : failed(
            'server',
            'The identity provider cannot be reached at the moment',
          );
    }
    return this.invoke(request, { ...call, authorization });
  }

  /** Invokes so that the context of the call can be injected there. */
  private invoke<R>(
    { invoke }: OperationRequest<R>,
    call: Call,
  ): Promise<CallResult<R>> {
    const run = (): Promise<CallResult<R>> =>
      CallContext.run(new CallContext(call), () => invoke(call));
    // Guards of the route may know the caller by another token.
    return this.places.areSeveral ? runNested(run) : run();
  }

  /** The SDK sends the message of whatever is thrown. */
  private masked(error: unknown, { kind, origin }: Operation): Error {
    if (error instanceof ProtocolError) {
      return error;
    }
    this.logger.error(`The ${kind} of ${origin} failed`, error);
    return new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error');
  }

  private record(
    { operation, arguments: args }: OperationRequest<unknown>,
    token: AccessToken | null,
    started: number,
    outcome: 'refused' | 'error' | 'success' | 'input_required',
  ): void {
    this.events.emit(() => ({
      type: 'call',
      kind: operation.kind,
      name: operation.name,
      ...eventSubject(token),
      duration: performance.now() - started,
      outcome,
      argumentsDigest: createHash('sha256')
        .update(JSON.stringify(args))
        .digest('hex'),
    }));
  }
}

/** Whether the client may have to be asked before it can have its answer. */
function hasAsked(
  channel: LegacyClientLink | ModernClientLink,
): channel is ModernClientLink {
  return channel.era === 'modern' && !channel.isSettled;
}

function outcomeOf({
  failure,
  result,
}: CallResult<unknown>): 'refused' | 'error' | 'success' {
  if (failure) {
    return isRefused(failure) ? 'refused' : 'error';
  }
  return saysError(result) ? 'error' : 'success';
}

/** Whether a provider's tool has written a failed result itself. */
function saysError(result: unknown): boolean {
  return (result as { isError?: unknown } | null)?.isError === true;
}

function refused(message: string, status: 401 | 403): FailedCall {
  return { failure: { fault: 'caller', message, status } };
}

function thrown(cause: unknown): FailedCall {
  return { failure: { ...INTERNAL, cause } };
}
