import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import {
  classifyInboundRequest,
  isJsonContentType,
  type JSONRPCRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/server';
import { MODERN_REVISION } from '../protocol-revisions.js';
import { type Envelope, KnownEnvelopes } from './known-envelopes.js';

/** A request that the SDK's handler would surely serve. */
export interface FastRequest {
  readonly envelope: Envelope;
  readonly message: JSONRPCRequest;
}

const METHODS: readonly unknown[] = ['tools/call', 'tools/list'];

const envelopes = new KnownEnvelopes();

/**
 * Recognises a well-formed `tools/call` or `tools/list` that nothing stands in
 * the way of. What is not recognised is no error: it goes to the SDK's handler.
 */
export function recognise(
  { method, headers }: IncomingMessage,
  body: unknown,
): FastRequest | undefined {
  if (method !== 'POST' || !isRequest(body) || !isJson(headers)) {
    return undefined;
  }
  const version = textOf(headers['mcp-protocol-version']);
  const envelope = envelopeOf(body, headers, version);
  if (envelope?.era === 'modern') {
    return body.method === 'tools/list' ||
      textOf(headers['mcp-name']) === body.params?.['name']
      ? { envelope, message: body }
      : undefined;
  }
  return envelope &&
    headers['mcp-session-id'] === undefined &&
    acceptsBoth(headers.accept) &&
    (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version))
    ? { envelope, message: body }
    : undefined;
}

/** A request as JSON-RPC 2.0 has it, and nothing beside: the rest is for the SDK to judge. */
function isRequest(body: unknown): body is JSONRPCRequest {
  if (typeof body !== 'object' || body === null) {
    return false;
  }
  const { jsonrpc, id, method, params, ...others } = body as Record<
    string,
    unknown
  >;
  return (
    jsonrpc === '2.0' &&
    (typeof id === 'string' || Number.isSafeInteger(id)) &&
    METHODS.includes(method) &&
    typeof params === 'object' &&
    params !== null &&
    !Array.isArray(params) &&
    Object.keys(others).length === 0
  );
}

/** The SDK decides; what it decides on is the same for all requests of a client, and so remembered. */
function envelopeOf(
  body: JSONRPCRequest,
  headers: IncomingHttpHeaders,
  version: string | undefined,
): Envelope | undefined {
  const methodHeader = textOf(headers['mcp-method']);
  return envelopes.find(
    body.params?._meta,
    [version, methodHeader === undefined ? 0 : methodHeader === body.method],
    () => {
      const route = classifyInboundRequest({
        httpMethod: 'POST',
        ...(version !== undefined && { protocolVersionHeader: version }),
        ...(methodHeader !== undefined && { mcpMethodHeader: methodHeader }),
        body,
      });
      return route.kind === 'modern' &&
        route.messageKind === 'request' &&
        route.classification.revision === MODERN_REVISION &&
        version !== undefined &&
        methodHeader !== undefined
        ? 'modern'
        : route.kind === 'legacy' && route.reason === 'no-claim'
          ? 'legacy'
          : undefined;
    },
  );
}

function isJson({ 'content-type': type }: IncomingHttpHeaders): boolean {
  return type === 'application/json' || isJsonContentType(type ?? null);
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
