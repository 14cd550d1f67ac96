import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import type {
  Operation,
  OperationFailure,
  OperationOutcome,
} from '../../invocation/operation-outcome.js';
import type { Outcome } from '../calls/call.runner.js';

/** What an SDK server is made for. */
export interface ServedUnit {
  readonly era: ProtocolEra;
  /** Whether the client can be reached after its request has been answered. */
  readonly hasSession: boolean;
}

/** One part of the protocol: what is declared of it, and who answers. */
export interface ServerFeature {
  /**
   * What the server declares of it; undefined where the server offers nothing of
   * the kind, and answers none of its methods.
   */
  capabilities(unit: ServedUnit): ServerCapabilities | undefined;
  /** Called where the server offers it. */
  install(server: Server, unit: ServedUnit): void;
  /** What a request would call; undefined for what is not this feature's, or not there. */
  operationOf?(method: unknown, params: unknown): Operation | undefined;
}

/** A result, or the error to answer in its place. */
export type Answer<R> = R | ProtocolError;

/** Makes what the transport sends of what an operation came to. */
export function answerOf<R>(
  outcome: OperationOutcome<R>,
  errorOf = protocolError,
): Outcome<Answer<R>> {
  if ('result' in outcome) {
    return { result: outcome.result };
  }
  const { failure } = outcome;
  const { message, refusal } = failure;
  return {
    result: errorOf(failure),
    failed: true,
    ...(refusal && { refusal, message }),
  };
}

/** The answer to a caller who is not let through. */
export function refusalOf<R>(
  message: string,
  status: 401 | 403 | 503,
): Outcome<Answer<R>> {
  return answerOf<R>({
    failure: { fault: status === 503 ? 'server' : 'caller', message },
  });
}

/** @throws the error, where the answer is one */
export function unwrap<A>(answer: A): Exclude<A, ProtocolError> {
  if (answer instanceof ProtocolError) {
    throw answer;
  }
  return answer as Exclude<A, ProtocolError>;
}

/** -32602 for what is the caller's fault, -32603 for what is ours. */
export function protocolError({
  fault,
  message,
}: OperationFailure): ProtocolError {
  return new ProtocolError(
    fault === 'server'
      ? ProtocolErrorCode.InternalError
      : ProtocolErrorCode.InvalidParams,
    message,
  );
}

/** Whether the client can be told later: by `subscriptions/listen`, or in its session. */
export function canReachClient({ era, hasSession }: ServedUnit): boolean {
  return era === 'modern' || hasSession;
}
