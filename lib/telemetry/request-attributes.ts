import type { Attributes } from '@opentelemetry/api';
import type {
  ObservedRequest,
  ObservedSession,
} from './observed-request.interface.js';

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
