import {
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import type { CallFailure, Operation } from '../../invocation/call-result.js';

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

/** -32602 for what is the caller's fault, -32603 for what is ours. */
export function protocolError({ fault, message }: CallFailure): ProtocolError {
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
