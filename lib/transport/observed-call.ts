import { ProtocolError } from '@modelcontextprotocol/server';
import type { ObservedRequest } from '../telemetry/observed-request.interface.js';
import type { CallRequest, Outcome } from './call-request.interface.js';
import { currentExchange, type HttpRefusal } from './exchange.js';

/** An HTTP status, as text; the code of a JSON-RPC error; or what a result says. */
export function failureOf(
  { result }: Outcome<unknown>,
  refusal: HttpRefusal | undefined,
): string | number {
  if (refusal) {
    return String(refusal.status);
  }
  return result instanceof ProtocolError ? result.code : 'tool_error';
}

/** What telemetry is told of a call. */
export function observed({
  operation: { kind, name },
  server,
  context: { mcpReq, sessionId },
}: CallRequest<unknown>): ObservedRequest {
  return {
    method: mcpReq.method,
    kind,
    name,
    requestId: currentExchange()?.requestId ?? mcpReq.id,
    protocolVersion: server.getNegotiatedProtocolVersion(),
    sessionId,
    isHttp: currentExchange()?.response !== undefined,
    meta: mcpReq._meta,
    signal: mcpReq.signal,
  };
}
