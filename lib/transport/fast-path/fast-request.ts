import type { IncomingMessage } from 'node:http';
import {
  classifyInboundRequest,
  isJsonContentType,
  type JSONRPCRequest,
  type MessageClassification,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import { MODERN_REVISION } from '../protocol-revisions.js';

/** A request that the SDK's handler would surely serve. */
export interface FastRequest {
  readonly message: JSONRPCRequest;
  /** Present for the 2026-07-28 era. */
  readonly classification?: MessageClassification;
}

const METHODS: readonly unknown[] = ['tools/call', 'tools/list'];

/** Members of a request as JSON-RPC 2.0 has them; others are for the SDK to judge. */
const MEMBERS = 'id,jsonrpc,method,params';

/**
 * Recognises a well-formed `tools/call` or `tools/list` that nothing stands in
 * the way of. What is not recognised is no error: it goes to the SDK's handler.
 */
export function recognise(
  { method, headers }: IncomingMessage,
  body: unknown,
): FastRequest | undefined {
  if (
    method !== 'POST' ||
    typeof body !== 'object' ||
    body === null ||
    !METHODS.includes((body as { method?: unknown }).method) ||
    Object.keys(body).sort().join() !== MEMBERS ||
    !isJsonContentType(headers['content-type'] ?? null)
  ) {
    return undefined;
  }
  const version = textOf(headers['mcp-protocol-version']);
  const methodHeader = textOf(headers['mcp-method']);
  const name = textOf(headers['mcp-name']);
  const route = classifyInboundRequest({
    httpMethod: method,
    ...(version !== undefined && { protocolVersionHeader: version }),
    ...(methodHeader !== undefined && { mcpMethodHeader: methodHeader }),
    ...(name !== undefined && { mcpNameHeader: name }),
    body,
  });
  if (route.kind === 'modern') {
    const { message, classification, messageKind } = route;
    return messageKind === 'request' &&
      classification.revision === MODERN_REVISION &&
      version !== undefined &&
      methodHeader !== undefined &&
      (message.method === 'tools/list' || name === message.params?.['name'])
      ? { message, classification }
      : undefined;
  }
  return route.kind === 'legacy' &&
    route.reason === 'no-claim' &&
    headers['mcp-session-id'] === undefined &&
    acceptsBoth(headers.accept) &&
    (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version))
    ? { message: body as JSONRPCRequest }
    : undefined;
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.trim() : undefined;
}

function acceptsBoth(accept: string | undefined): boolean {
  return (
    accept !== undefined &&
    accept.includes('application/json') &&
    accept.includes('text/event-stream')
  );
}
