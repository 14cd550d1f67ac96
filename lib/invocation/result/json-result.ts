import { toolError } from '../call/tool-error.js';
import type { ToolOutcome } from '../call/tool-outcome.interface.js';
import { envelopeHint } from './envelope-hint.js';
import { cutJson } from './json-cutter.js';
import type { ResultOptions } from './result-options.interface.js';

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
): ToolOutcome {
  const mismatch = outputMismatch(value, options);
  if (mismatch !== undefined) {
    return mismatch;
  }
  const stringify = (part: unknown) =>
    JSON.stringify(part, undefined, options.pretty ? 2 : undefined);
  const text = options.pretty ? stringify(value) : (source ?? stringify(value));
  const remarks = remark === undefined ? [] : [remark];
  if (Buffer.byteLength(text) <= options.maxResultBytes) {
    return jsonOutcome(text, value, remarks);
  }
  const cut = cutJson(value, options.maxResultBytes, stringify);
  if (cut === undefined) {
    return tooLarge(options);
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

/** The answer for a value that breaks the output schema; undefined where it holds or there is none. */
export function outputMismatch(
  value: unknown,
  options: ResultOptions,
): ToolOutcome | undefined {
  const { outputValidator, toolName, logger } = options;
  const problem = outputValidator?.(value);
  if (problem === undefined) {
    return undefined;
  }
  const where = problem.path === '' ? 'The result' : `"${problem.path}"`;
  const text = `${where} breaks the output schema: ${problem.message}.`;
  const hint = envelopeHint(value, (inner) => !outputValidator?.(inner));
  logger.error(`Tool "${toolName}": ${text}${hint}`);
  return toolError(text + carriedOut(options));
}

/** The answer for a result that is too large and cannot be cut. */
export function tooLarge(options: ResultOptions): ToolOutcome {
  return toolError(
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
): ToolOutcome {
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
