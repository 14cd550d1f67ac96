import type { CallToolResult } from '@modelcontextprotocol/server';
import { type CallResult, failed } from '../call-result.js';
import type { RouteResponse } from '../route/route-response.js';
import {
  contentKindOf,
  decodeText,
  mapBinary,
  mediaTypeOf,
} from './binary-result.js';
import { failureOfResponse, redirectText } from './failure.js';
import { mapJson, outputMismatch, uncuttable } from './json-result.js';
import type { ResultOptions } from './result-options.js';

/** Maps what a route answered to the tool's result. */
export function mapResult(
  response: RouteResponse,
  options: ResultOptions,
): CallResult<CallToolResult> {
  const { status, headers, body, events, stopped } = response;
  if (status >= 300 && status < 400) return textResult(redirectText(response));
  const failure = failureOfResponse(response, options);
  if (failure) return { failure };
  if (events !== undefined) return mapEvents(response, options);
  if (stopped) return uncuttable(options);
  if (body.length === 0) return mapEmpty(options);
  const contentType = headers['content-type'];
  const mediaType = mediaTypeOf(contentType);
  const kind = contentKindOf(mediaType, body);
  if (kind !== 'json' && kind !== 'text') {
    return (
      outputMismatch(undefined, options) ??
      mapBinary(body, kind, mediaType, headers, options)
    );
  }
  const text = decodeText(body, contentType);
  const json = kind === 'json' ? parseJson(text) : undefined;
  if (json !== undefined) {
    return mapJson(json.value, options, text.includes('\n') ? undefined : text);
  }
  return mapText(text, options);
}

/**
 * Maps text. Frameworks send strings, numbers and booleans as text, so with an
 * output schema the text itself is tried first, then the JSON in it.
 */
export function mapText(
  text: string,
  options: ResultOptions,
): CallResult<CallToolResult> {
  const { outputValidator } = options;
  if (outputValidator !== undefined) {
    const json = outputValidator(text) && parseJson(text);
    return mapJson(json ? json.value : text, options);
  }
  if (Buffer.byteLength(text) > options.maxResultBytes) {
    return uncuttable(options);
  }
  return textResult(text);
}

/** Maps an answer without content: an empty text, or `null` for an output schema. */
export function mapEmpty(options: ResultOptions): CallResult<CallToolResult> {
  return options.outputValidator === undefined
    ? textResult('')
    : mapJson(null, options);
}

function textResult(text: string): CallResult<CallToolResult> {
  return { result: { content: [{ type: 'text', text }] } };
}

function mapEvents(
  { events = [], stopped }: RouteResponse,
  options: ResultOptions,
): CallResult<CallToolResult> {
  const values = events
    .filter(({ type }) => type !== 'error')
    .map(({ data }) => {
      const json = parseJson(data);
      return json ? json.value : data;
    });
  const failure = events.find(({ type }) => type === 'error');
  if (failure !== undefined) {
    // Nest 11 puts the message of any exception here: not for callers.
    options.logger.error(
      `${options.label}: its stream sent an error: ${failure.data.slice(0, 2000)}`,
    );
    return failed(
      'server',
      `The tool failed while it was sending its result, after ${values.length} events. The details are in the server's log.`,
    );
  }
  return mapJson(
    values,
    options,
    undefined,
    stopped === 'time'
      ? unendedRemark(values.length)
      : stopped
        ? `The stream was stopped after ${values.length} events: it passed ${options.maxResultBytes} bytes.`
        : undefined,
  );
}

/** Said of what a stream sent until the call's time was up. */
export const unendedRemark = (count: number): string =>
  `The stream had not ended when the time of the call was up: these are its first ${count} events.`;

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
