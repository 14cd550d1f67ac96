import { RefusedArgumentError } from '../call/call.errors.js';
import type { QueryParser } from '../../platform/http-platform.js';
import {
  encodeComponent,
  QUERY_STYLES,
  queryPairs,
  writePairs,
  type ArrayStyle,
  type QueryStyle,
} from './query-style.js';

/** One value that goes into the query. */
interface QueryEntry {
  /** What the caller calls it, for messages. */
  readonly argument: string;
  /** The key; undefined where the value is the whole query. */
  readonly field: string | undefined;
  readonly value: unknown;
  /** What joins the elements of a list, where the route splits one value. */
  readonly delimiter?: string | undefined;
}

/** A query in both its forms. */
interface WrittenQuery {
  /** The query string, without `?`. */
  readonly text: string;
  /**
   * What the route is to find, where no text makes the application's parser
   * read it: a list of one or none, an object on a flat parser.
   */
  readonly parsed: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Writes values as a query.
 *
 * @throws RefusedArgumentError where the whole query is something else than an object, and for an
 * element that holds the delimiter of its list
 */
export type QueryWriter = (entries: readonly QueryEntry[]) => WrittenQuery;

const ARRAY_STYLES: readonly ArrayStyle[] = ['repeat', 'brackets', 'index'];

// Below this length parsers keep every element (qs stops at 20, Node at 1,000
// pairs); longer arrays are read back before they are sent.
const SAFE_ARRAY_LENGTH = 16;

/** One entry as text; `isRead` false where the parser does not read that back. */
interface WrittenEntry {
  readonly text: string;
  readonly isRead: boolean;
}

const NOTHING: WrittenEntry = { text: '', isRead: true };

/**
 * Makes the writer for one parser. It finds out once which forms of an array
 * the parser reads back.
 */
export function createQueryWriter(parse: QueryParser): QueryWriter {
  const single = arrayStyle(parse, ['x']);
  const several = arrayStyle(parse, ['x', 'y']);
  // An application that reads no query at all is given none.
  const reads = readsBack(parse, 'a=x', 'a', 'x');

  const write = (entry: QueryEntry, key: string): WrittenEntry => {
    const { value, delimiter } = entry;
    if (typeof value !== 'object' || value === null) {
      return pairs(`${key}=${encodeComponent(String(value as string))}`);
    }
    const isList = Array.isArray(value) && value.every(isScalar);
    if (!isList || value.length > SAFE_ARRAY_LENGTH || value.length === 0) {
      return isList && delimiter !== undefined
        ? pairs(joined(entry, key, delimiter))
        : writeVerified(parse, entry, key);
    }
    if (delimiter !== undefined) {
      return pairs(joined(entry, key, delimiter));
    }
    const array = value.length === 1 ? single : several;
    return {
      text: writePairs(
        queryPairs(key, value, {
          array: array ?? 'repeat',
          object: 'brackets',
        }),
      ),
      isRead: array !== undefined,
    };
  };

  return (entries) => {
    let text = '';
    let read = '';
    let unread: Map<string, unknown> | undefined;
    for (const entry of spread(entries)) {
      const field = entry.field as string;
      const written = write(entry, encodeComponent(field));
      text = append(text, written.text);
      if (written.isRead) {
        read = append(read, written.text);
      } else if (reads) {
        unread ??= new Map();
        unread.set(field, textOf(entry.value));
      }
    }
    return { text, parsed: unread && withValues(parse(read), unread) };
  };
}

/** The entries by key, without those that have no value. */
function spread(entries: readonly QueryEntry[]): readonly QueryEntry[] {
  const isPlain = entries.every(
    ({ field, value }) =>
      field !== undefined && value !== null && value !== undefined,
  );
  return isPlain ? entries : entries.flatMap(membersOf);
}

function membersOf(entry: QueryEntry): readonly QueryEntry[] {
  const { argument, field, value } = entry;
  if (value === null || value === undefined) {
    return [];
  }
  if (field !== undefined) {
    return [entry];
  }
  if (typeof value !== 'object') {
    throw new RefusedArgumentError(argument, 'must be an object');
  }
  return Object.entries(value).flatMap(([key, member]) =>
    membersOf({ argument, field: key, value: member as unknown }),
  );
}

const append = (query: string, part: string): string =>
  query === '' || part === '' ? query + part : `${query}&${part}`;

const pairs = (text: string): WrittenEntry =>
  text === '' ? NOTHING : { text, isRead: true };

/**
 * The elements of a list that is written as one value.
 *
 * @throws RefusedArgumentError for an element that holds the delimiter
 */
export function listElements(
  argument: string,
  list: readonly unknown[],
  delimiter: string,
): string[] {
  const elements = list.map(String);
  if (elements.some((element) => element.includes(delimiter))) {
    throw new RefusedArgumentError(
      argument,
      `has an element with ${JSON.stringify(delimiter)}, by which the route splits the list`,
    );
  }
  return elements;
}

/** A list as one value; OpenAPI's `explode: false`. */
function joined(
  { argument, value }: QueryEntry,
  key: string,
  delimiter: string,
): string {
  const elements = listElements(argument, value as unknown[], delimiter);
  const separator = delimiter === ',' ? delimiter : encodeComponent(delimiter);
  return elements.length === 0
    ? ''
    : `${key}=${elements.map(encodeComponent).join(separator)}`;
}

function writeVerified(
  parse: QueryParser,
  { field, value }: QueryEntry,
  key: string,
): WrittenEntry {
  const expected = textOf(value);
  for (const style of QUERY_STYLES) {
    const text = writePairs(queryPairs(key, value, style));
    if (text !== '' && readsBack(parse, text, field as string, expected)) {
      return { text, isRead: true };
    }
  }
  const array = Array.isArray(value) && value.every(isScalar);
  const style: QueryStyle = {
    array: array ? 'repeat' : 'index',
    object: 'brackets',
  };
  return { text: writePairs(queryPairs(key, value, style)), isRead: false };
}

/** What the parser made of the rest, and the values that it could not read. */
function withValues(
  rest: unknown,
  values: ReadonlyMap<string, unknown>,
): Record<string, unknown> {
  const parsed =
    typeof rest === 'object' && rest !== null
      ? (rest as Record<string, unknown>)
      : {};
  for (const [field, value] of values) {
    // Defined, so that `__proto__` is a key like others.
    Object.defineProperty(parsed, field, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return parsed;
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

/** The value as a parser returns it: text at the leaves. */
function textOf(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((part) => part !== null).map(textOf);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, member]) => member !== null && member !== undefined)
        .map(([key, member]) => [key, textOf(member)]),
    );
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
