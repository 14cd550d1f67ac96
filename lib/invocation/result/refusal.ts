import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http';
import { toolError } from '../call/call.errors.js';
import type { ToolOutcome } from '../operation-outcome.js';
import type { RouteResponse } from '../route/route-response.js';
import { contentKindOf, decodeText, mediaTypeOf } from './binary-result.js';
import type { ResultOptions } from './result.mapper.js';

// What Nest's own exceptions put beside the message.
const PLAIN_KEYS = new Set(['statusCode', 'message', 'error']);

/**
 * Maps a 4xx: its status, and the application's own words in full, as an HTTP
 * client would read them.
 */
export function mapRefusal(
  response: RouteResponse,
  options: ResultOptions,
): ToolOutcome {
  const { status, headers } = response;
  const body = readBody(response, options.maxResultBytes);
  const text =
    `${status} ${STATUS_CODES[status] ?? ''}`.trim() +
    (body.text === '' ? '' : `: ${body.text}`) +
    retryText(headers);
  return {
    result: {
      content: [{ type: 'text', text }],
      isError: true,
      ...(isObject(body.json) &&
        options.outputValidator === undefined && {
          structuredContent: body.json,
        }),
    },
    ...((status === 401 || status === 403) && { refusal: status }),
  };
}

/** Maps a 5xx: the caller learns that it failed, the log what failed. */
export function mapFault(
  response: RouteResponse,
  { toolName, logger }: ResultOptions,
): ToolOutcome {
  const { status, headers, body } = response;
  logger.error(
    `Tool "${toolName}": the route answered ${status}: ${body.toString('utf8', 0, 2000)}`,
  );
  return toolError(
    `The tool failed with status ${status}. The details are in the server's log.${retryText(headers)}`,
  );
}

/** Maps a redirect, which is reported and not followed. */
export function mapRedirect({ status, headers }: RouteResponse): ToolOutcome {
  const location = headers['location'];
  return {
    result: {
      content: [
        {
          type: 'text',
          text:
            location === undefined
              ? `${status} ${STATUS_CODES[status] ?? ''}`.trim()
              : `Redirect ${status} to ${String(location)}`,
        },
      ],
    },
  };
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
