import type { Attributes } from '@opentelemetry/api';

/** A request as telemetry tells of it: nothing that a caller could have put a secret in. */
export interface ObservedRequest {
  /** `tools/call`. */
  readonly method: string;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'completion';
  /** As registered, and so of few values: of a resource, its URI or URI template. */
  readonly name: string;
  readonly requestId: string | number;
  readonly protocolVersion: string | undefined;
  readonly sessionId: string | undefined;
  /** False over stdio. */
  readonly isHttp: boolean;
  /** The request's `_meta`, where its trace goes on. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  readonly signal: AbortSignal;
}

/** Tells that the answer, though it is one, says of a failure: `tool_error`, or the code of a JSON-RPC error. */
export type NoteFailure = (type: string | number) => void;

/** A session that is over. */
export interface ObservedSession {
  /** Seconds. */
  readonly duration: number;
  readonly protocolVersion: string | undefined;
  /** False over stdio. */
  readonly isHttp: boolean;
}

/** What spans and metrics of a request have in common (OpenTelemetry, Semantic conventions for MCP). */
export function requestAttributes(request: ObservedRequest): Attributes {
  const { method, kind, name, protocolVersion, isHttp } = request;
  return {
    'mcp.method.name': method,
    ...(kind === 'tool' && {
      'gen_ai.tool.name': name,
      'gen_ai.operation.name': 'execute_tool',
    }),
    ...(kind === 'prompt' && { 'gen_ai.prompt.name': name }),
    ...(protocolVersion !== undefined && {
      'mcp.protocol.version': protocolVersion,
    }),
    ...networkAttributes(isHttp),
  };
}

/** What a span has beside them, as it has too many values for a metric. */
export function spanAttributes({
  kind,
  name,
  requestId,
  sessionId,
}: ObservedRequest): Attributes {
  return {
    'jsonrpc.request.id': String(requestId),
    ...(sessionId !== undefined && { 'mcp.session.id': sessionId }),
    ...(kind === 'resource' && { 'mcp.resource.uri': name }),
  };
}

export function sessionAttributes({
  protocolVersion,
  isHttp,
}: ObservedSession): Attributes {
  return {
    ...(protocolVersion !== undefined && {
      'mcp.protocol.version': protocolVersion,
    }),
    ...networkAttributes(isHttp),
  };
}

/** `tools/call find_cat`; URIs would give spans too many names. */
export function spanName({ method, kind, name }: ObservedRequest): string {
  return kind === 'tool' || kind === 'prompt' ? `${method} ${name}` : method;
}

function networkAttributes(isHttp: boolean): Attributes {
  return isHttp
    ? { 'network.transport': 'tcp', 'network.protocol.name': 'http' }
    : { 'network.transport': 'pipe' };
}
