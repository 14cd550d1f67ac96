import { readEvents } from './server-sent-events.js';

/** The two generations of the protocol that one endpoint serves. */
export type Era = 'modern' | 'legacy';

/** For `describe.each`. */
export const ERAS: readonly Era[] = ['modern', 'legacy'];

export const MODERN_VERSION = '2026-07-28';
export const LEGACY_VERSION = '2025-11-25';

/** A JSON-RPC message as it came over the wire. */
export interface RpcMessage {
  readonly jsonrpc?: string;
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { code: number; message: string; data?: unknown };
}

/** The HTTP answer to one POST, and the JSON-RPC messages in it. */
export interface RpcAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Every message of the body, in order: one for JSON, several for a stream. */
  readonly messages: readonly RpcMessage[];
  /** The response to the request: the last message with a result or an error. */
  readonly response: RpcMessage | undefined;
}

/** What a raw call may set beside method and parameters. */
export interface RpcOptions {
  readonly id?: number | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Keys for the request's `_meta`, beside the modern envelope. */
  readonly meta?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
}

/** The modern era's `_meta` envelope (2026-07-28, "Request metadata"). */
export const modernMeta = (
  extra: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> => ({
  'io.modelcontextprotocol/protocolVersion': MODERN_VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1.0.0' },
  'io.modelcontextprotocol/clientCapabilities': {},
  ...extra,
});

/** Headers of a request in one era. */
export function rpcHeaders(
  era: Era,
  method: string,
  params: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const common = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  if (era === 'legacy') {
    return method === 'initialize'
      ? common
      : { ...common, 'mcp-protocol-version': LEGACY_VERSION };
  }
  const name = params['name'] ?? params['uri'];
  return {
    ...common,
    'mcp-protocol-version': MODERN_VERSION,
    'mcp-method': method,
    ...(typeof name === 'string' ? { 'mcp-name': name } : {}),
  };
}

/** The body of a request in one era. */
export const rpcBody = (
  era: Era,
  method: string,
  params: Readonly<Record<string, unknown>>,
  options: RpcOptions = {},
): Record<string, unknown> => ({
  jsonrpc: '2.0',
  id: options.id ?? 1,
  method,
  params:
    era === 'modern'
      ? { ...params, _meta: modernMeta(options.meta) }
      : options.meta
        ? { ...params, _meta: options.meta }
        : params,
});

/** Posts one request and reads the whole answer. */
export async function rpc(
  endpoint: string,
  era: Era,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  options: RpcOptions = {},
): Promise<RpcAnswer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...rpcHeaders(era, method, params), ...options.headers },
    body: JSON.stringify(rpcBody(era, method, params, options)),
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return readAnswer(response);
}

/** Posts any body with any headers. */
export async function post(
  endpoint: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<RpcAnswer> {
  return readAnswer(await fetch(endpoint, { method: 'POST', headers, body }));
}

async function readAnswer(response: Response): Promise<RpcAnswer> {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const messages = type.includes('text/event-stream')
    ? readEvents(text).map((data) => JSON.parse(data) as RpcMessage)
    : type.includes('json') && text !== ''
      ? [JSON.parse(text) as RpcMessage | RpcMessage[]].flat()
      : [];
  return {
    status: response.status,
    headers: response.headers,
    text,
    messages,
    response: messages.findLast((m) => 'result' in m || 'error' in m),
  };
}
