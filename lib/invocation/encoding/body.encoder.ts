import type { BodyEncoding } from '../../schema/input/argument-target.js';
import { RefusedArgumentError } from '../call/call.errors.js';
import {
  type EncodedBody,
  encodeMultipart,
  type FormField,
} from './multipart.encoder.js';
import { encodeComponent, queryPairs, writePairs } from './query-style.js';

/** What goes into a body: one value, or fields and files. */
export interface BodyContent {
  /** The whole body, which wins over `fields`; undefined where fields make it. */
  readonly whole?: unknown;
  readonly fields: readonly FormField[];
  readonly files: readonly FormField[];
}

/** An array or object of which a part is written. */
interface Open {
  readonly value: object;
  readonly entries: Iterator<readonly [key: string, value: unknown]>;
  readonly end: string;
  isFirst: boolean;
}

/**
 * Writes JSON however deep it is nested. `JSON.stringify` calls itself for each
 * level, and has no room on the stack for what `JSON.parse` reads.
 *
 * @throws TypeError for a value that holds itself, as `JSON.stringify` does
 */
export function stringifyJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return writeDeep(value as object);
  }
}

function writeDeep(root: object): string {
  const open = [opened(root)];
  const holders = new Set<object>([root]);
  let text = startOf(root);
  for (let top = open[0]; top !== undefined; top = open.at(-1)) {
    const { done, value: entry } = top.entries.next();
    if (done) {
      text += top.end;
      holders.delete(top.value);
      open.pop();
      continue;
    }
    const isArray = top.end === ']';
    const [key, value] = entry;
    const isDeep = isPlain(value);
    const written = isDeep ? startOf(value) : JSON.stringify(value);
    if (written === undefined && !isArray) continue;
    text +=
      (top.isFirst ? '' : ',') +
      (isArray ? '' : `${JSON.stringify(key)}:`) +
      (written ?? 'null');
    top.isFirst = false;
    if (isDeep) {
      if (holders.has(value)) {
        throw new TypeError('The value holds itself');
      }
      holders.add(value);
      open.push(opened(value));
    }
  }
  return text;
}

function opened(value: object): Open {
  return {
    value,
    entries: Object.entries(value)[Symbol.iterator](),
    end: Array.isArray(value) ? ']' : '}',
    isFirst: true,
  };
}

function startOf(value: object): string {
  return Array.isArray(value) ? '[' : '{';
}

/** Whether it is written by its entries: a date is not. */
function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}

/** How forms express arrays of one and nested objects; Fastify's parser reads flat fields only. */
export type FormSyntax = 'brackets' | 'flat';

/**
 * Encodes a body.
 *
 * @returns undefined for a request without a body
 * @throws RefusedArgumentError for what the encoding cannot express
 */
export function encodeBody(
  encoding: BodyEncoding,
  body: BodyContent,
  syntax: FormSyntax,
): EncodedBody | Promise<EncodedBody> | undefined {
  switch (encoding) {
    case 'json':
      return encodeJson('whole' in body ? body.whole : jsonObject(body.fields));
    case 'urlencoded':
      return {
        contentType: 'application/x-www-form-urlencoded',
        content: Buffer.from(
          writePairs(
            formFields(body).flatMap((field) =>
              formPairs(field, syntax, encodeComponent),
            ),
          ),
        ),
      };
    case 'multipart':
      return encodeMultipart(
        formFields(body).flatMap((field) =>
          formPairs(field, syntax, (name) => name),
        ),
        body.files,
      );
    case 'none':
      return undefined;
  }
}

function encodeJson(value: unknown): EncodedBody | undefined {
  const text = stringifyJson(value);
  return text === undefined
    ? undefined
    : { contentType: 'application/json', content: Buffer.from(text) };
}

function jsonObject(fields: readonly FormField[]): object {
  // Without a prototype a field called `__proto__` is a field.
  const object = Object.create(null) as Record<string, unknown>;
  for (const { field, value } of fields) {
    if (value !== undefined) {
      object[field] = value;
    }
  }
  return object;
}

function formFields({ whole, fields }: BodyContent): readonly FormField[] {
  if (whole === undefined || whole === null) {
    return fields;
  }
  if (typeof whole !== 'object' || Array.isArray(whole)) {
    throw new RefusedArgumentError('body', 'must be an object: it is a form');
  }
  return Object.entries(whole).map(([field, value]) => ({
    argument: field,
    field,
    value: value as unknown,
  }));
}

function formPairs(
  { argument, field, value }: FormField,
  syntax: FormSyntax,
  encodeName: (name: string) => string,
): (readonly [string, string])[] {
  const nested =
    typeof value === 'object' &&
    value !== null &&
    (!Array.isArray(value) ||
      value.some((part) => typeof part === 'object' && part !== null));
  if (nested && syntax === 'flat') {
    throw new RefusedArgumentError(
      argument,
      'is a nested value, and forms of this application are flat',
    );
  }
  const array = syntax === 'flat' ? 'repeat' : nested ? 'index' : 'brackets';
  return [
    ...queryPairs(encodeName(field), value, { array, object: 'brackets' }),
  ];
}
