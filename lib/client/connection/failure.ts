import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
} from '@modelcontextprotocol/client';
import { parseJson } from '../../auth/fetch/guarded-fetch.js';
import {
  McpCallError,
  McpClientError,
  McpConnectionError,
  McpTimeoutError,
  McpUnauthorizedError,
} from '../client.errors.js';

/** Codes of Node and undici for what ended before a request was sent. */
const NOT_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOENT',
  'EACCES',
]);

/** How long a request was waited for, and what the caller may have cancelled it with. */
interface Patience {
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

/**
 * What applications get to see of an error of the SDK.
 *
 * @returns the reason of the signal, where it was aborted
 */
export function failureOf(
  server: string,
  error: unknown,
  { timeout, signal }: Patience,
): unknown {
  if (signal?.aborted) {
    return signal.reason;
  }
  const chain = causesOf(error);
  const own = chain.find((cause) => cause instanceof McpClientError);
  if (own) {
    return own;
  }
  if (error instanceof ProtocolError) {
    return new McpCallError(server, error.message, {
      code: error.code,
      details: error.data,
      cause: error,
    });
  }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return new McpTimeoutError(server, timeout, { cause: error });
  }
  const http = chain.find((cause) => cause instanceof SdkHttpError);
  const refusal = http && refusalIn(http.data.text);
  if (refusal && refusal.code !== SESSION_NOT_FOUND) {
    return new McpCallError(server, refusal.message, {
      code: refusal.code,
      details: refusal.data,
      cause: error,
    });
  }
  const status = http?.status;
  if (status === 401) {
    return new McpUnauthorizedError(
      server,
      'the server asks for credentials',
      undefined,
      { cause: error },
    );
  }
  return new McpConnectionError(server, told(chain, status), {
    cause: error,
    // A session that is gone: the server has not looked at the request.
    isSent:
      status !== 404 && !chain.some((cause) => NOT_SENT.has(codeOf(cause))),
    ...(status !== undefined && { status }),
  });
}

/** Code that servers send with 404 for a session that is over. */
const SESSION_NOT_FOUND = -32001;

/** The JSON-RPC error that a server sent with an HTTP status of failure. */
function refusalIn(
  text: unknown,
): { code: number; message: string; data?: unknown } | undefined {
  const { error } = Object(
    typeof text === 'string' ? parseJson(text) : undefined,
  ) as { error?: { code?: unknown; message?: unknown; data?: unknown } };
  return typeof error?.code === 'number' && typeof error.message === 'string'
    ? { code: error.code, message: error.message, data: error.data }
    : undefined;
}

/** An error, and what it was caused by, outermost first. By their shape, as Node's may be of another realm. */
function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  const add = (cause: unknown): void => {
    if (typeof cause === 'object' && cause !== null && !chain.includes(cause)) {
      chain.push(cause);
      const { cause: inner, errors } = cause as {
        cause?: unknown;
        errors?: unknown;
      };
      add(inner);
      if (Array.isArray(errors)) {
        errors.forEach(add);
      }
    }
  };
  add(error);
  return chain;
}

function codeOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** What happened, without the body that the server sent, which may be long and anything. */
function told(chain: readonly unknown[], status: number | undefined): string {
  if (status !== undefined) {
    return `the server answered with HTTP ${status}`;
  }
  const [error] = chain;
  if (
    error instanceof SdkError &&
    error.code === SdkErrorCode.ClientHttpUnexpectedContent
  ) {
    return `the answer is not MCP: ${error.message}`;
  }
  const code = chain
    .map(codeOf)
    .find((found) => /^(E[A-Z]+|UND_\w+)$/.test(found));
  if (code) {
    return `the server cannot be reached (${code})`;
  }
  return error instanceof Error ? error.message : 'the connection failed';
}
