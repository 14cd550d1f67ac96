import type { CallToolResult } from '@modelcontextprotocol/server';
import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http';
import {
  CallCancelledError,
  CallTimeoutError,
  McpError,
  OtherRouteError,
  RefusedArgumentError,
} from '../call/call.errors.js';
import {
  type CallFailure,
  failed,
  type FailedCall,
  INTERNAL,
} from '../call-result.js';
import type { RouteResponse } from '../route/route-response.js';
import { contentKindOf, decodeText, mediaTypeOf } from './binary-result.js';
import type { FailureOptions } from './result-options.js';

// What Nest's own exceptions put beside the message.
const PLAIN_KEYS = new Set(['statusCode', 'message', 'error']);

/**
 * The failure that a response stands for; undefined for a good one. Of a 4xx
 * the caller gets the status and the application's own words in full, as an
 * HTTP client would read them; of a 5xx, that it failed.
 */
export function failureOfResponse(
  response: RouteResponse,
  options: FailureOptions,
): CallFailure | undefined {
  const { status, headers, body } = response;
  if (status >= 500) {
    options.logger.error(
      `${options.label} answered ${status}: ${body.toString('utf8', 0, 2000)}`,
    );
    return masked(options, response);
  }
  if (status >= 400) {
    const { text, json } = readBody(response, options.maxResultBytes);
    return {
      fault: status === 404 ? 'missing' : 'caller',
      message:
        statusText(status) +
        (text === '' ? '' : `: ${text}`) +
        retryText(headers),
      status,
      ...(isObject(json) &&
        options.outputValidator === undefined && { details: json }),
    };
  }
  return status >= 300
    ? { fault: 'server', message: redirectText(response), status }
    : undefined;
}

/**
 * The failure that an error stands for: what is meant for the caller, a timeout
 * and a cancellation tell so; anything else is told to the log alone.
 */
export function failureOfError(
  error: unknown,
  options: Pick<FailureOptions, 'label' | 'toolName' | 'logger'>,
): CallFailure {
  const { label, logger } = options;
  if (
    McpError.is(error) ||
    error instanceof RefusedArgumentError ||
    error instanceof OtherRouteError
  ) {
    return { fault: 'caller', message: error.message };
  }
  if (error instanceof CallTimeoutError) {
    logger.warn(`${label}: ${error.message}`);
    return { fault: 'server', message: error.message };
  }
  if (error instanceof CallCancelledError) {
    return { fault: 'server', message: error.message };
  }
  logger.error(
    `${label} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return masked(options);
}

/** What a call comes to whose answer passes the limit. */
export function tooLarge({
  maxResultBytes,
}: Pick<FailureOptions, 'maxResultBytes'>): FailedCall {
  return failed('server', `The result is larger than ${maxResultBytes} bytes.`);
}

/** What is said of a redirect, which is reported and not followed. */
export function redirectText({ status, headers }: RouteResponse): string {
  const location = headers['location'];
  return location === undefined
    ? statusText(status)
    : `Redirect ${status} to ${String(location)}`;
}

/** A failure as a tool's result, which is how a model gets to read it. */
export function failedResult({
  message,
  details,
}: CallFailure): CallToolResult {
  return {
    content: [{ type: 'text', text: message }],
    isError: true,
    ...(details && { structuredContent: details }),
  };
}

/** A fault of the server: the caller learns that it failed, the log what failed. */
function masked(
  { toolName }: Pick<FailureOptions, 'toolName'>,
  response?: RouteResponse,
): CallFailure {
  if (toolName === undefined) {
    return INTERNAL;
  }
  const log = "The details are in the server's log.";
  return {
    fault: 'server',
    message: response
      ? `The tool failed with status ${response.status}. ${log}${retryText(response.headers)}`
      : `The tool failed. ${log}`,
  };
}

function statusText(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim();
}

function readBody(
  { body, headers, stopped }: RouteResponse,
  maxBytes: number,
): { text: string; json?: unknown } {
  const contentType = headers['content-type'];
  const kind = contentKindOf(mediaTypeOf(contentType), body);
  if (stopped || body.length > maxBytes) {
    return { text: `(an answer of more than ${maxBytes} bytes)` };
  }
  if (kind !== 'json') {
    return { text: kind === 'text' ? decodeText(body, contentType) : '' };
  }
  try {
    const json: unknown = JSON.parse(body.toString('utf8'));
    return { text: messageOf(json), json };
  } catch {
    return { text: body.toString('utf8') };
  }
}

/** The message where that is all there is to say, else all of it. */
function messageOf(json: unknown): string {
  if (isObject(json) && Object.keys(json).every((key) => PLAIN_KEYS.has(key))) {
    const { message } = json;
    if (typeof message === 'string') return message;
    if (
      Array.isArray(message) &&
      message.every((part) => typeof part === 'string')
    ) {
      return message.join('; ');
    }
  }
  return typeof json === 'string' ? json : JSON.stringify(json);
}

/** The longest `Retry-After`; throttlers with names add theirs as a suffix. */
function retryText(headers: Readonly<OutgoingHttpHeaders>): string {
  const values = Object.entries(headers)
    .filter(([name]) => /^retry-after(-|$)/i.test(name))
    .map(([, value]) => String(value));
  if (values.length === 0) {
    return '';
  }
  const seconds = values.map(Number).filter((value) => !Number.isNaN(value));
  return seconds.length > 0
    ? `\nRetry after ${Math.max(...seconds)} seconds.`
    : `\nRetry after ${values.join(', ')}.`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
