import type { Token } from 'path-to-regexp';
import { RefusedArgumentError } from '../call/refused-argument.error.js';
import {
  parsePathPattern,
  type PathPattern,
  type PathSyntax,
} from './path-pattern.js';

/** A route's path, ready to be filled in. */
export interface RoutePath {
  /** Names of its parameters, in order; Fastify's wildcard is `*`. */
  readonly parameters: readonly string[];
  /**
   * Writes the path for these parameter values. Every value is
   * percent-encoded, so that none can leave the route.
   *
   * @throws RefusedArgumentError for a missing or empty value, `.`, `..`, an
   * object, or text that is not well-formed Unicode
   */
  build(values: Readonly<Record<string, unknown>>): string;
}

/** Settings of `compileRoutePath`. */
export interface RoutePathOptions {
  /** @default what the pattern looks like */
  readonly syntax?: PathSyntax;
  /** What the caller calls a parameter, where that differs; for messages. */
  readonly argumentNames?: Readonly<Record<string, string>>;
}

/** The parameters in a path pattern of either adapter, in order. */
export function pathParametersOf(path: string, syntax?: PathSyntax): string[] {
  return parametersOf(parsePathPattern(path, syntax).tokens);
}

/** Compiles a path in the adapter's syntax, once per route. */
export function compileRoutePath(
  path: string,
  options: RoutePathOptions = {},
): RoutePath {
  const pattern = parsePathPattern(path, options.syntax);
  const parameters = parametersOf(pattern.tokens);
  const nameOf = (parameter: string) =>
    options.argumentNames?.[parameter] ?? parameter;
  const writers = pattern.tokens.map((token, index) =>
    writerOf(token, index, pattern, nameOf),
  );
  return {
    parameters,
    build(values) {
      let result = '';
      for (const write of writers) {
        result += write(values);
      }
      return result;
    },
  };
}

type Writer = (values: Readonly<Record<string, unknown>>) => string;

function parametersOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) =>
    token.type === 'group'
      ? parametersOf(token.tokens)
      : token.type === 'text'
        ? []
        : [token.name],
  );
}

function writerOf(
  token: Token,
  index: number,
  { tokens, syntax }: PathPattern,
  nameOf: (parameter: string) => string,
): Writer {
  if (token.type === 'text') {
    return () => token.value;
  }
  if (token.type === 'group') {
    return groupWriter(token.tokens, syntax, nameOf);
  }
  const { name } = token;
  if (token.type === 'wildcard') {
    return (values) => wildcard(values[name], nameOf(name));
  }
  const shared = sharesSegment(tokens, index);
  // Fastify decodes the path before it splits a segment, and the first
  // occurrence of the separator ends the parameter.
  const separator =
    shared && syntax === 'fastify' ? separatorAfter(tokens, index) : '';
  return (values) => {
    const text = textOf(values[name], nameOf(name));
    if (separator !== '' && text.includes(separator)) {
      throw new RefusedArgumentError(
        nameOf(name),
        `must not contain "${separator}"`,
      );
    }
    const encoded = segment(text, nameOf(name));
    return shared ? encodePunctuation(encoded) : encoded;
  };
}

function groupWriter(
  tokens: readonly Token[],
  syntax: PathSyntax,
  nameOf: (parameter: string) => string,
): Writer {
  const parameters = parametersOf(tokens);
  const writers = tokens.map((token, index) =>
    writerOf(token, index, { tokens, syntax }, nameOf),
  );
  // All or nothing: a value whose neighbour is missing must not be dropped.
  return (values) =>
    parameters.some((name) => isGiven(values[name]))
      ? writers.map((write) => write(values)).join('')
      : '';
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

function separatorAfter(tokens: readonly Token[], index: number): string {
  const after = tokens[index + 1];
  return after?.type === 'text' && index + 2 < tokens.length
    ? (after.value.split('/')[0] ?? '')
    : '';
}

// In a segment of several parameters the punctuation between them is syntax.
function encodePunctuation(encoded: string): string {
  return encoded.replace(
    /[-._~!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
