import { RefusedArgumentError } from '../call/refused-argument.error.js';
import type { QueryParser } from './query-parser.js';
import {
  encodeComponent,
  QUERY_STYLES,
  queryPairs,
  writePairs,
  type ArrayStyle,
  type QueryStyle,
} from './query-style.js';

/** One value that goes into the query. */
export interface QueryEntry {
  /** What the caller calls it, for messages. */
  readonly argument: string;
  /** The key; undefined where the value is the whole query. */
  readonly field: string | undefined;
  readonly value: unknown;
}

/**
 * Writes values as a query string, without `?`.
 *
 * @throws RefusedArgumentError for a value that the application's parser has no
 * way to receive
 */
export type QueryWriter = (entries: readonly QueryEntry[]) => string;

const ARRAY_STYLES: readonly ArrayStyle[] = ['repeat', 'brackets', 'index'];

// Below this length parsers keep every element (qs stops at 20, Node at 1,000
// pairs); longer arrays are read back before they are sent.
const SAFE_ARRAY_LENGTH = 16;

/**
 * Makes the writer for one parser. It finds out once which forms of an array
 * the parser reads back; where none keeps an array of one apart from a single
 * value, the value is sent alone, as any HTTP client would.
 */
export function createQueryWriter(parse: QueryParser): QueryWriter {
  const single = arrayStyle(parse, ['x']) ?? 'repeat';
  const several = arrayStyle(parse, ['x', 'y']) ?? 'repeat';

  const write = ({ argument, field, value }: QueryEntry): string => {
    if (value === null || value === undefined) {
      return '';
    }
    if (typeof value !== 'object') {
      if (field === undefined) {
        throw new RefusedArgumentError(argument, 'must be an object');
      }
      return writePairs([[encodeComponent(field), String(value as string)]]);
    }
    if (field === undefined) {
      return writeAll(
        Object.entries(value).map(([key, member]) => ({
          argument,
          field: key,
          value: member as unknown,
        })),
      );
    }
    const key = encodeComponent(field);
    if (
      Array.isArray(value) &&
      value.length <= SAFE_ARRAY_LENGTH &&
      value.every(isScalar)
    ) {
      const array = value.length === 1 ? single : several;
      return writePairs(queryPairs(key, value, { array, object: 'brackets' }));
    }
    return writeVerified(parse, { argument, field, value }, key);
  };
  const writeAll = (entries: readonly QueryEntry[]): string => {
    let query = '';
    for (const entry of entries) {
      const part = write(entry);
      query = query === '' || part === '' ? query + part : `${query}&${part}`;
    }
    return query;
  };
  return writeAll;
}

function writeVerified(
  parse: QueryParser,
  { argument, field, value }: QueryEntry,
  key: string,
): string {
  const expected = readable(value);
  if (expected === undefined) {
    return '';
  }
  for (const style of QUERY_STYLES) {
    const query = writePairs(queryPairs(key, value, style));
    if (readsBack(parse, query, field as string, expected)) {
      return query;
    }
  }
  throw new RefusedArgumentError(
    argument,
    Array.isArray(value) && value.every(isScalar)
      ? `has ${value.length} elements, more than the query parser of this application reads`
      : 'is a nested value, and the query parser of this application reads flat values only',
  );
}

function arrayStyle(
  parse: QueryParser,
  value: readonly string[],
): ArrayStyle | undefined {
  return ARRAY_STYLES.find((array) => {
    const style: QueryStyle = { array, object: 'brackets' };
    return readsBack(parse, writePairs(queryPairs('a', value, style)), 'a', [
      ...value,
    ]);
  });
}

function readsBack(
  parse: QueryParser,
  query: string,
  field: string,
  expected: unknown,
): boolean {
  try {
    const result = parse(query) as Record<string, unknown>;
    return Object.keys(result).length === 1 && equal(result[field], expected);
  } catch {
    return false;
  }
}

/** The value as a parser would return it: text at the leaves, nothing empty. */
function readable(value: unknown): unknown {
  if (value === null || value === undefined) {
    return undefined;
  }
  if (Array.isArray(value)) {
    const elements = value.map(readable).filter((part) => part !== undefined);
    return elements.length === 0 ? undefined : elements;
  }
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .map(([key, member]) => [key, readable(member)] as const)
      .filter(([, member]) => member !== undefined);
    return members.length === 0 ? undefined : Object.fromEntries(members);
  }
  return String(value as string | number | boolean);
}

function equal(left: unknown, right: unknown): boolean {
  if (typeof right !== 'object' || right === null) {
    return left === right;
  }
  if (
    typeof left !== 'object' ||
    left === null ||
    Array.isArray(left) !== Array.isArray(right)
  ) {
    return false;
  }
  const keys = Object.keys(right);
  return (
    Object.keys(left).length === keys.length &&
    keys.every((key) =>
      equal(
        (left as Record<string, unknown>)[key],
        (right as Record<string, unknown>)[key],
      ),
    )
  );
}

function isScalar(value: unknown): boolean {
  return value !== null && typeof value !== 'object';
}
