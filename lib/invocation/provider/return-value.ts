import { StreamableFile } from '@nestjs/common';
import type { CallToolResult } from '@modelcontextprotocol/server';
import type { CallResult } from '../call-result.js';
import {
  mapEmpty,
  mapResult,
  mapText,
  unendedRemark,
} from '../result/result.mapper.js';
import { contentKindOf, mapBinary } from '../result/binary-result.js';
import {
  envelopeHint,
  mapJson,
  outputMismatch,
  uncuttable,
} from '../result/json-result.js';
import type { ResultOptions } from '../result/result-options.js';
import type { Observable } from 'rxjs';
import { progressMessage, type Call } from '../call/call.interface.js';

/** What Observables that have not completed have emitted, by the signal of their call. */
const unended = new WeakMap<AbortSignal, readonly unknown[]>();

/** What the Observable of a call that goes on has emitted; undefined for none. */
export function emittedSoFar(
  signal: AbortSignal,
): readonly unknown[] | undefined {
  const values = unended.get(signal);
  return values && values.length > 0 ? [...values] : undefined;
}

/**
 * Waits for an Observable: one value is the result itself, several are an
 * array, none is `undefined`. Each of several is reported as progress; a value
 * that completes at once is not, since interceptors wrap every result so.
 */
export function collect(
  source: Observable<unknown>,
  signal: AbortSignal,
  reportProgress: Call['reportProgress'],
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const values: unknown[] = [];
    unended.set(signal, values);
    let reported = 0;
    const report = () => {
      for (; reported < values.length && !signal.aborted; reported++) {
        reportProgress?.(
          reported + 1,
          undefined,
          progressMessage(values[reported]),
        );
      }
    };
    let first: NodeJS.Immediate | undefined;
    const subscription = source.subscribe({
      next: (value) => {
        values.push(value);
        if (reportProgress === undefined) return;
        if (values.length > 1) report();
        else first = setImmediate(report);
      },
      error: (error) => {
        clearImmediate(first);
        unended.delete(signal);
        reject(error as Error);
      },
      complete: () => {
        clearImmediate(first);
        signal.removeEventListener('abort', stop);
        unended.delete(signal);
        resolve(values.length > 1 ? values : values[0]);
      },
    });
    // The call's own promise is settled by then.
    function stop() {
      clearImmediate(first);
      subscription.unsubscribe();
      resolve(undefined);
    }
    signal.addEventListener('abort', stop, { once: true });
  });
}

/**
 * Maps what a provider method returned: text, JSON, bytes, a `StreamableFile`,
 * nothing, or a finished result (`{ content: [...] }`), which is left as it is
 * except for being held to the output schema.
 *
 * @throws TypeError for a value that JSON has no form for
 */
export async function mapReturnValue(
  value: unknown,
  options: ResultOptions,
): Promise<CallResult<CallToolResult>> {
  if (value === undefined || value === null) {
    return mapEmpty(options);
  }
  if (typeof value === 'string') {
    return options.outputValidator === undefined
      ? mapText(value, options)
      : mapJson(value, options);
  }
  if (value instanceof StreamableFile) {
    return mapFile(value, options);
  }
  if (value instanceof Uint8Array) {
    return (
      outputMismatch(undefined, options) ??
      mapBinary(Buffer.from(value), 'binary', '', {}, options)
    );
  }
  if (isResult(value)) {
    // Throws for what JSON has no form for: the client would wait for it in vain.
    JSON.stringify(value);
    const mismatch =
      value.isError === true
        ? undefined
        : outputMismatch(value.structuredContent, options);
    return mismatch ?? { result: value };
  }
  // What it is as JSON: dates as text, classes by their `toJSON`.
  const source: string | undefined = JSON.stringify(value);
  const hint = envelopeHint(value, isResult);
  if (hint !== '') {
    options.logger.warn(`${options.label} sent its result as data.${hint}`);
  }
  return source === undefined
    ? mapEmpty(options)
    : mapJson(JSON.parse(source) as unknown, options, source);
}

/**
 * Maps what an Observable had emitted when the time of the call was up, as a list.
 *
 * @throws TypeError for a value that JSON has no form for
 */
export function mapUnended(
  values: readonly unknown[],
  options: ResultOptions,
): CallResult<CallToolResult> {
  const source = JSON.stringify(values);
  return mapJson(
    JSON.parse(source) as unknown,
    options,
    source,
    unendedRemark(values.length),
  );
}

async function mapFile(
  file: StreamableFile,
  options: ResultOptions,
): Promise<CallResult<CallToolResult>> {
  const { type, disposition } = file.getHeaders();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of file.getStream() as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > options.maxResultBytes) {
      return uncuttable(options);
    }
    chunks.push(Buffer.from(chunk));
  }
  const body = Buffer.concat(chunks);
  const headers = {
    'content-type': type,
    ...(disposition !== undefined && {
      'content-disposition': String(disposition),
    }),
  };
  return contentKindOf(type, body) === 'json' && body.length === 0
    ? mapEmpty(options)
    : mapResult({ status: 200, headers, body }, options);
}

function isResult(value: unknown): value is CallToolResult {
  const { content } = (value ?? {}) as { content?: unknown };
  return (
    Array.isArray(content) &&
    content.length > 0 &&
    content.every(
      (block: unknown) =>
        typeof block === 'object' &&
        block !== null &&
        'type' in block &&
        BLOCK_TYPES.has(block.type),
    )
  );
}

const BLOCK_TYPES: ReadonlySet<unknown> = new Set([
  'text',
  'image',
  'audio',
  'resource',
  'resource_link',
]);
