import { randomUUID } from 'node:crypto';
import type { Token } from 'path-to-regexp';
import { RefusedArgumentError } from '../call/call.errors.js';
import { parsePathPattern, type PathSyntax } from './path-pattern.js';

/** A route's path, ready to be filled in. */
export interface RoutePath {
  /** Names of its parameters, in order; Fastify's wildcard is `*`. */
  readonly parameters: readonly string[];
  /** Those of them that take the segments of a path. */
  readonly wildcards: readonly string[];
  /**
   * Writes the path for these parameter values. Every value is
   * percent-encoded, so that none can leave the route.
   *
   * @throws RefusedArgumentError for a missing or empty value, `.`, `..`, an
   * object, or text that is not well-formed Unicode
   */
  build(values: PathValues): string;
  /**
   * The path for values of the same shape that no route is named after;
   * undefined where the path has no parameters.
   */
  buildOrdinary(values: PathValues): string | undefined;
  /**
   * The first parameter that a router read otherwise than it was written;
   * undefined where it read all as they are.
   *
   * @param read what the router made of the path that `build(values)` gave
   */
  misread(values: PathValues, read: PathValues): string | undefined;
  /** What the caller calls a parameter. */
  argumentOf(parameter: string): string;
}

/** By name of the parameter. */
export type PathValues = Readonly<Record<string, unknown>>;

/** No route is called this: it is made anew for each process. */
const ORDINARY = randomUUID().replaceAll('-', '');

/** The parameters in a path pattern of either adapter, in order. */
export function pathParametersOf(path: string, syntax: PathSyntax): string[] {
  return parametersOf(parsePathPattern(path, syntax));
}

/**
 * Compiles a path in the adapter's syntax, once per route.
 *
 * @param argumentNames what the caller calls a parameter, where that differs; for messages
 */
export function compileRoutePath(
  path: string,
  syntax: PathSyntax,
  argumentNames: Readonly<Record<string, string>> = {},
): RoutePath {
  const tokens = parsePathPattern(path, syntax);
  const parameters = parametersOf(tokens);
  const argumentOf = (parameter: string) =>
    argumentNames[parameter] ?? parameter;
  const writers = tokens.map((_, index) => writerOf(tokens, index, argumentOf));
  const build = (values: PathValues): string => {
    let result = '';
    for (const write of writers) {
      result += write(values);
    }
    return result;
  };
  // Optional parameters and wildcards give a path more than one shape.
  const shapes = tokens.some(
    ({ type }) => type === 'group' || type === 'wildcard',
  );
  let ordinary: string | undefined;
  return {
    parameters,
    wildcards: parametersOf(tokens, ['wildcard']),
    argumentOf,
    build,
    buildOrdinary(values) {
      if (parameters.length === 0) return undefined;
      if (shapes) return build(likeness(values));
      return (ordinary ??= build(likeness(values)));
    },
    misread(values, read) {
      for (const name of parameters) {
        if (!isSame(values[name], read[name])) return name;
      }
      // The same method may have another URL, with other parameters.
      for (const name in read) {
        if (!parameters.includes(name)) return name;
      }
      return undefined;
    },
  };
}

type Writer = (values: PathValues) => string;

function likeness(values: PathValues): PathValues {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      isGiven(value)
        ? partsOf(value)
            .map(() => ORDINARY)
            .join('/')
        : value,
    ]),
  );
}

/**
 * Whether a router read the value that was sent. Express gives wildcards as a
 * list, Fastify as text; a route's own schema makes numbers of them there.
 */
function isSame(sent: unknown, read: unknown): boolean {
  if (!isGiven(sent)) return !isGiven(read) || read === '';
  if (Array.isArray(read)) {
    const parts = partsOf(sent);
    return (
      parts.length === read.length &&
      parts.every((part, index) => String(part) === read[index])
    );
  }
  if (!Array.isArray(sent)) return String(sent) === textRead(read);
  return (
    sent.join('/') === read && sent.every((part) => !String(part).includes('/'))
  );
}

function textRead(read: unknown): unknown {
  return typeof read === 'number' || typeof read === 'boolean'
    ? String(read)
    : read;
}

function parametersOf(
  tokens: readonly Token[],
  types: readonly Token['type'][] = ['param', 'wildcard'],
): string[] {
  return tokens.flatMap((token) =>
    token.type === 'group'
      ? parametersOf(token.tokens, types)
      : token.type !== 'text' && types.includes(token.type)
        ? [token.name]
        : [],
  );
}

function writerOf(
  tokens: readonly Token[],
  index: number,
  argumentOf: (parameter: string) => string,
): Writer {
  const token = tokens[index] as Token;
  if (token.type === 'text') {
    return () => token.value;
  }
  if (token.type === 'group') {
    return groupWriter(token.tokens, argumentOf);
  }
  const { name } = token;
  if (token.type === 'wildcard') {
    return (values) => wildcard(values[name], argumentOf(name));
  }
  const shared = sharesSegment(tokens, index);
  return (values) => {
    const text = textOf(values[name], argumentOf(name));
    const encoded = segment(text, argumentOf(name));
    return shared ? encodePunctuation(encoded) : encoded;
  };
}

function groupWriter(
  tokens: readonly Token[],
  argumentOf: (parameter: string) => string,
): Writer {
  const parameters = parametersOf(tokens);
  const writers = tokens.map((_, index) => writerOf(tokens, index, argumentOf));
  // All or nothing: a value whose neighbour is missing must not be dropped.
  return (values) =>
    parameters.some((name) => isGiven(values[name]))
      ? writers.map((write) => write(values)).join('')
      : '';
}

/** The segments of a wildcard's value. */
function partsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : String(value as string).split('/');
}

function wildcard(value: unknown, argument: string): string {
  const parts = Array.isArray(value)
    ? value.map((part: unknown) => textOf(part, argument))
    : textOf(value, argument).split('/');
  if (parts.length === 0) {
    throw new RefusedArgumentError(argument, 'must not be empty');
  }
  return parts.map((part) => segment(part, argument)).join('/');
}

function segment(text: string, argument: string): string {
  // An empty value reaches another route (the list), dots another directory.
  if (text === '' || text === '.' || text === '..') {
    throw new RefusedArgumentError(
      argument,
      text === '' ? 'must not be empty' : `must not be "${text}"`,
    );
  }
  try {
    return encodeURIComponent(text);
  } catch {
    throw new RefusedArgumentError(argument, 'is not well-formed Unicode');
  }
}

function textOf(value: unknown, argument: string): string {
  if (typeof value === 'string') return value;
  if (!isGiven(value)) {
    throw new RefusedArgumentError(argument, 'is missing');
  }
  if (
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    typeof value === 'bigint'
  ) {
    return String(value);
  }
  throw new RefusedArgumentError(
    argument,
    'must be a string, a number or a boolean',
  );
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function sharesSegment(tokens: readonly Token[], index: number): boolean {
  const before = tokens[index - 1];
  const after = tokens[index + 1];
  return (
    (before !== undefined &&
      !(before.type === 'text' && before.value.endsWith('/'))) ||
    (after !== undefined &&
      !(after.type === 'text' && after.value.startsWith('/')) &&
      !(after.type === 'group' && startsWithSlash(after.tokens)))
  );
}

function startsWithSlash([first]: readonly Token[]): boolean {
  return first?.type === 'text' && first.value.startsWith('/');
}

// In a segment of several parameters the punctuation between them is syntax.
function encodePunctuation(encoded: string): string {
  return encoded.replace(
    /[-._~!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
