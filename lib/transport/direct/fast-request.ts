import {
  BAGGAGE_META_KEY,
  classifyInboundRequest,
  isJsonContentType,
  type JSONRPCRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
  TRACEPARENT_META_KEY,
  TRACESTATE_META_KEY,
} from '@modelcontextprotocol/server';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BoundedMap } from '../../cache/bounded-map.js';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import { MODERN_REVISION } from '../sdk-server/mcp-server.factory.js';

/** How many are remembered; clients come with few. */
const MAX_KNOWN = 1000;

/** Characters of one that is remembered. */
const MAX_LENGTH = 4096;

/** What the `_meta` of a request was found to be. */
interface Envelope {
  readonly era: ProtocolEra;
  /** Whether the SDK's server has answered a request with it, and so found nothing wrong with it. */
  acceptedBySdk: boolean;
}

/** What differs from request to request, and may be any text. */
interface Passing {
  readonly progressToken?: unknown;
  readonly [TRACEPARENT_META_KEY]?: unknown;
  readonly [TRACESTATE_META_KEY]?: unknown;
  readonly [BAGGAGE_META_KEY]?: unknown;
}

/**
 * What the `_meta` of requests was found to be, which a client sends alike with
 * each of them except its progress token and its trace.
 */
class ClientMetaCache {
  private readonly known = new BoundedMap<string, Envelope>({
    maxEntries: MAX_KNOWN,
  });

  /**
   * @param headers what else the decision depends on
   * @param decide tells the era of metadata that is new here; an answer of undefined, for neither era, is asked for again each time
   */
  find(
    meta: unknown,
    headers: readonly unknown[],
    decide: () => ProtocolEra | undefined,
  ): Envelope | undefined {
    const {
      progressToken,
      [TRACEPARENT_META_KEY]: traceparent,
      [TRACESTATE_META_KEY]: tracestate,
      [BAGGAGE_META_KEY]: baggage,
      ...rest
    } = (meta ?? {}) as Passing;
    if (
      !isPlain(meta) ||
      !(isText(progressToken) || Number.isSafeInteger(progressToken)) ||
      !isText(traceparent) ||
      !isText(tracestate) ||
      !isText(baggage)
    ) {
      return unproven(decide());
    }
    const key = keyOf([meta && rest, ...headers]);
    if (key === undefined) {
      return undefined;
    }
    const known = this.known.get(key);
    if (known !== undefined || key.length > MAX_LENGTH) {
      return known ?? unproven(decide());
    }
    const envelope = unproven(decide());
    if (envelope) {
      this.known.set(key, envelope);
    }
    return envelope;
  }
}

/** Undefined for what nests too deep to be written as JSON. */
function keyOf(parts: readonly unknown[]): string | undefined {
  try {
    return JSON.stringify(parts);
  } catch {
    return undefined;
  }
}

function unproven(era: ProtocolEra | undefined): Envelope | undefined {
  return era && { era, acceptedBySdk: false };
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isPlain(meta: unknown): boolean {
  return (
    meta === undefined ||
    (typeof meta === 'object' && meta !== null && !Array.isArray(meta))
  );
}

/** A request that the SDK's handler would surely serve. */
export interface FastRequest {
  readonly envelope: Envelope;
  readonly message: JSONRPCRequest;
}

const METHODS: readonly unknown[] = ['tools/call', 'tools/list'];

const envelopes = new ClientMetaCache();

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
