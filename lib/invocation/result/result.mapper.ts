import {
  CallCancelledError,
  CallTimeoutError,
  McpError,
  OtherRouteError,
  RefusedArgumentError,
  toolError,
} from '../call/call.errors.js';
import type { ToolOutcome } from '../operation-outcome.js';
import type { RouteResponse } from '../route/route-response.js';
import {
  contentKindOf,
  decodeText,
  mapBinary,
  mediaTypeOf,
} from './binary-result.js';
import { mapJson, outputMismatch, tooLarge } from './json-result.js';
import { mapFault, mapRedirect, mapRefusal } from './refusal.js';

/** Tells where a value breaks the output schema; undefined where it holds. */
export type OutputValidator = (
  value: unknown,
) => { readonly path: string; readonly message: string } | undefined;

/** How a tool's answers become results. */
export interface ResultOptions {
  readonly toolName: string;
  /** JSON text is indented by two spaces. */
  readonly pretty: boolean;
  /** Bytes of the text, or of the binary content, that a result may have. */
  readonly maxResultBytes: number;
  /** Present where the tool advertises an output schema. */
  readonly outputValidator?: OutputValidator | undefined;
  /** Whether the call changed nothing, so that it can be made again. @default false */
  readonly isReadOnly?: boolean;
  /** Arguments with which a caller may ask for less; named when a result is cut. */
  readonly narrowingArguments: readonly string[];
  /** Receives what callers must not see. */
  readonly logger: {
    error(message: unknown, ...details: unknown[]): void;
    warn(message: unknown, ...details: unknown[]): void;
  };
}

/** Maps what a route answered to the tool's result. */
export function mapResult(
  response: RouteResponse,
  options: ResultOptions,
): ToolOutcome {
  const { status, headers, body, events, stopped } = response;
  if (status >= 500) return mapFault(response, options);
  if (status >= 400) return mapRefusal(response, options);
  if (status >= 300) return mapRedirect(response);
  if (events !== undefined) return mapEvents(response, options);
  if (stopped) return tooLarge(options);
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
 * Maps what a call failed with: refused arguments, a timeout and a
 * cancellation tell the caller so; anything else is told to the log alone.
 */
export function mapFailure(
  error: unknown,
  { toolName, logger }: Pick<ResultOptions, 'toolName' | 'logger'>,
): ToolOutcome {
  if (
    error instanceof RefusedArgumentError ||
    error instanceof OtherRouteError ||
    McpError.is(error)
  ) {
    return toolError(error.message);
  }
  if (error instanceof CallTimeoutError) {
    logger.warn(`Tool "${toolName}": ${error.message}`);
    return toolError(error.message);
  }
  if (error instanceof CallCancelledError) {
    return toolError(error.message);
  }
  logger.error(
    `Tool "${toolName}" failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return toolError("The tool failed. The details are in the server's log.");
}

/**
 * Maps text. Frameworks send strings, numbers and booleans as text, so with an
 * output schema the text itself is tried first, then the JSON in it.
 */
export function mapText(text: string, options: ResultOptions): ToolOutcome {
  const { outputValidator } = options;
  if (outputValidator !== undefined) {
    const json = outputValidator(text) && parseJson(text);
    return mapJson(json ? json.value : text, options);
  }
  if (Buffer.byteLength(text) > options.maxResultBytes) {
    return tooLarge(options);
  }
  return { result: { content: [{ type: 'text', text }] } };
}

/** Maps an answer without content: an empty text, or `null` for an output schema. */
export function mapEmpty(options: ResultOptions): ToolOutcome {
  return options.outputValidator === undefined
    ? { result: { content: [{ type: 'text', text: '' }] } }
    : mapJson(null, options);
}

function mapEvents(
  { events = [], stopped }: RouteResponse,
  options: ResultOptions,
): ToolOutcome {
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
      `Tool "${options.toolName}": its stream sent an error: ${failure.data.slice(0, 2000)}`,
    );
    return toolError(
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
