import type { CallToolResult } from '@modelcontextprotocol/server';
import { type CallResult, failed, type FailedCall } from '../call-result.js';
import type { ResultOptions } from './result-options.js';

/** A JSON value of which one array lost its tail. */
interface CutJson {
  readonly value: unknown;
  readonly text: string;
  /** Where the array is: `items`, `page.items`; empty for the root. */
  readonly path: string;
  readonly shown: number;
  readonly total: number;
}

interface FoundArray {
  readonly keys: readonly string[];
  readonly elements: readonly unknown[];
  readonly size: number;
}

/**
 * Shortens the largest array of a value (the root or one in its objects) until
 * the text fits, element by element.
 *
 * @returns undefined where not one element fits, or there is no array
 */
function cutJson(value: unknown, maxBytes: number): CutJson | undefined {
  const array = largestArray(value, []);
  if (array === undefined) {
    return undefined;
  }
  const { keys, elements } = array;
  let shown = 0;
  let best: { value: unknown; text: string } | undefined;
  for (let low = 1, high = elements.length - 1; low <= high;) {
    const middle = (low + high) >> 1;
    const candidate = replaceAt(value, keys, elements.slice(0, middle));
    const text = JSON.stringify(candidate);
    if (Buffer.byteLength(text) <= maxBytes) {
      shown = middle;
      best = { value: candidate, text };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return (
    best && { ...best, path: keys.join('.'), shown, total: elements.length }
  );
}

// Arrays inside arrays are left whole: an element is cut off or it is not.
function largestArray(
  value: unknown,
  keys: readonly string[],
): FoundArray | undefined {
  if (Array.isArray(value)) {
    return { keys, elements: value, size: JSON.stringify(value).length };
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  let largest: FoundArray | undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = largestArray(member, [...keys, key]);
    if (found && (!largest || found.size > largest.size)) {
      largest = found;
    }
  }
  return largest;
}

function replaceAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  replacement: unknown,
): unknown {
  if (key === undefined) {
    return replacement;
  }
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaceAt(object[key], rest, replacement) };
}

/**
 * For the log, where a value is not of the form it should have: an application's
 * interceptor may have wrapped it, as `{ data: … }` for HTTP.
 *
 * @param isRight whether a value has the form
 * @returns empty where no member of the value has the form either
 */
export function envelopeHint(
  value: unknown,
  isRight: (inner: unknown) => boolean,
): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return '';
  }
  const wrapped = Object.entries(value).find(([, inner]) => isRight(inner));
  return wrapped === undefined
    ? ''
    : ` Its "${wrapped[0]}" has the form, so an interceptor of the application ` +
        'seems to wrap what handlers return. Have it leave calls of MCP alone: ' +
        'if (mcpCallOf(context)) return next.handle();';
}

/**
 * Maps a JSON value to a text twin and structured content, holds it to the
 * output schema, and cuts it where it is too large.
 *
 * @param source the value's compact JSON, if it is at hand
 * @param remark a further text block
 */
export function mapJson(
  value: unknown,
  options: ResultOptions,
  source?: string,
  remark?: string,
): CallResult<CallToolResult> {
  const mismatch = outputMismatch(value, options);
  if (mismatch !== undefined) {
    return mismatch;
  }
  const text = source ?? JSON.stringify(value);
  const remarks = remark === undefined ? [] : [remark];
  if (Buffer.byteLength(text) <= options.maxResultBytes) {
    return jsonOutcome(text, value, remarks);
  }
  const cut = cutJson(value, options.maxResultBytes);
  if (cut === undefined) {
    return uncuttable(options);
  }
  const where = cut.path === '' ? '' : ` of "${cut.path}"`;
  return (
    outputMismatch(cut.value, options) ??
    jsonOutcome(cut.text, cut.value, [
      `The result is cut: ${cut.shown} of ${cut.total} elements${where} are shown (limit ${options.maxResultBytes} bytes).${narrowing(options)}`,
      ...remarks,
    ])
  );
}

/** The answer for a value that breaks the tool's output schema; undefined for any other. */
export function outputMismatch(
  value: unknown,
  options: ResultOptions,
): FailedCall | undefined {
  const { outputValidator, label, logger } = options;
  const problem = outputValidator?.(value);
  if (problem === undefined) {
    return undefined;
  }
  const where = problem.path === '' ? 'The result' : `"${problem.path}"`;
  const text = `${where} breaks the output schema: ${problem.message}.`;
  const hint = envelopeHint(value, (inner) => !outputValidator?.(inner));
  logger.error(`${label}: ${text}${hint}`);
  return failed('server', text + carriedOut(options));
}

/** The answer for a result that is too large and cannot be cut. */
export function uncuttable(options: ResultOptions): FailedCall {
  return failed(
    'server',
    `The result is larger than ${options.maxResultBytes} bytes and cannot be cut.${carriedOut(options)}${narrowing(options)}`,
  );
}

/** So that a model does not do twice what was done once. */
function carriedOut({ isReadOnly = false }: ResultOptions): string {
  return isReadOnly
    ? ''
    : ' The call was carried out all the same: do not repeat it.';
}

function narrowing({ narrowingArguments }: ResultOptions): string {
  return narrowingArguments.length === 0
    ? ''
    : ` To get less, use: ${narrowingArguments.join(', ')}.`;
}

function jsonOutcome(
  text: string,
  value: unknown,
  remarks: readonly string[],
): CallResult<CallToolResult> {
  return {
    result: {
      content: [text, ...remarks].map((block) => ({
        type: 'text' as const,
        text: block,
      })),
      structuredContent: value as Record<string, unknown>,
    },
  };
}
