import type { Route, RouteUrl } from '../../nest/route.interface.js';
import { isForbiddenHeader } from '../../platform/header-rules.js';
import type {
  ArgumentTarget,
  InputSchema,
} from '../../schema/input/argument-target.js';
import { RefusedArgumentError } from '../call/call.errors.js';
import {
  type BodyContent,
  encodeBody,
  type FormSyntax,
} from '../encoding/body.encoder.js';
import type { EncodedBody, FormField } from '../encoding/multipart.encoder.js';
import type { PathSyntax } from '../encoding/path-pattern.js';
import { listElements, type QueryWriter } from '../encoding/query.writer.js';
import {
  compileRoutePath,
  type PathValues,
  type RoutePath,
} from '../encoding/route-path.js';

/** Everything about a tool's route that does not change from call to call. */
export interface RouteTarget {
  readonly route: Route;
  readonly url: RouteUrl;
  /** The method to send: the route's own, or the one chosen for an `ALL` route. */
  readonly httpMethod: string;
  readonly input: InputSchema;
  /** Sent on every call: header or media-type version, headers chosen by the developer. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The request that a call makes, before the caller's identity is added. */
export interface InnerRequestSpec {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** Lower-case names; a fresh object each time. */
  readonly headers: Record<string, string>;
  readonly body?: Buffer;
  /** What the path was made of. */
  readonly path: RoutePath;
  readonly pathValues: PathValues;
  /** What the route is to find as its query, where the URL cannot say it. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Turns arguments into a request; a promise for multipart routes alone.
 *
 * @throws RefusedArgumentError (or rejects with it)
 */
export type RequestMapper = (
  args: Readonly<Record<string, unknown>>,
) => InnerRequestSpec | Promise<InnerRequestSpec>;

/** What depends on the adapter. */
export interface RequestSyntax {
  readonly path: PathSyntax;
  readonly form: FormSyntax;
}

const NO_VALUES: PathValues = {};
const VALID_HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Compiles a route's bindings, once per tool.
 *
 * @throws TypeError when the path cannot be read
 */
export function createRequestMapper(
  target: RouteTarget,
  writeQuery: QueryWriter,
  syntax: RequestSyntax,
): RequestMapper {
  const { bindings, bodyEncoding } = target.input;
  const path = bindings.filter(({ source }) => source === 'path');
  const query = bindings.filter(({ source }) => source === 'query');
  const header = bindings.filter(({ source }) => source === 'header');
  const collectBody = bodyCollector(target);
  const method = target.httpMethod.toUpperCase();
  const argumentNames = Object.fromEntries(
    path.map((binding) => [nameOf(binding), binding.argument]),
  );
  const routePath = compileRoutePath(
    target.url.path,
    syntax.path,
    argumentNames,
  );
  const fixedUrl =
    routePath.parameters.length === 0 ? routePath.build({}) : undefined;

  return refusingDepth((args) => {
    const pathValues =
      fixedUrl === undefined
        ? Object.fromEntries(
            path.map((binding) => [
              nameOf(binding),
              pathValue(binding, args[binding.argument], routePath),
            ]),
          )
        : NO_VALUES;
    const pathname = fixedUrl ?? routePath.build(pathValues);
    const search =
      query.length === 0
        ? undefined
        : writeQuery(
            query.map(({ argument, field, delimiter }) => ({
              argument,
              field,
              delimiter,
              value: args[argument],
            })),
          );
    const spec = {
      method,
      url: search?.text ? `${pathname}?${search.text}` : pathname,
      query: search?.parsed,
      headers: {
        accept: '*/*',
        ...headerArguments(header, args),
        ...target.headers,
      },
      path: routePath,
      pathValues,
    };
    if (bodyEncoding === 'none') {
      return spec;
    }
    const body = encodeBody(bodyEncoding, collectBody(args), syntax.form);
    return body instanceof Promise
      ? body.then((encoded) => withBody(spec, encoded))
      : withBody(spec, body);
  });
}

/** A path carries a list as one value (OpenAPI's style `simple`), a wildcard as segments. */
function pathValue(
  { argument, field = argument, delimiter = ',' }: ArgumentTarget,
  value: unknown,
  { wildcards }: RoutePath,
): unknown {
  return Array.isArray(value) && !wildcards.includes(field)
    ? listElements(argument, value, delimiter).join(delimiter)
    : value;
}

/** Queries and forms are written level by level, for which the stack has an end. */
function refusingDepth(map: RequestMapper): RequestMapper {
  return (args) => {
    try {
      return map(args);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RefusedArgumentError(
        deepestOf(args),
        'is nested too deeply for a query or a form',
      );
    }
  };
}

function deepestOf(args: Readonly<Record<string, unknown>>): string {
  let level = Object.entries(args);
  let deepest = level[0]?.[0] ?? '';
  while (level.length > 0) {
    deepest = level[0]?.[0] ?? deepest;
    level = level.flatMap(([argument, value]) =>
      typeof value === 'object' && value !== null
        ? Object.values(value).map((part): [string, unknown] => [
            argument,
            part,
          ])
        : [],
    );
  }
  return deepest;
}

function withBody(
  spec: InnerRequestSpec,
  body: EncodedBody | undefined,
): InnerRequestSpec {
  if (body === undefined) {
    return spec;
  }
  spec.headers['content-type'] = body.contentType;
  spec.headers['content-length'] = String(body.content.length);
  return { ...spec, body: body.content };
}

function bodyCollector({
  input,
}: RouteTarget): (args: Readonly<Record<string, unknown>>) => BodyContent {
  const bound = new Set(input.bindings.map(({ argument }) => argument));
  const fields = input.bindings.filter(({ source }) => source === 'body');
  const files = input.bindings.filter(
    ({ source }) => source === 'file' || source === 'files',
  );
  const hidden = input.hidden ?? [];
  const whole = fields.find(({ field }) => field === undefined);
  return (args) => {
    const given = (bindings: readonly ArgumentTarget[]): FormField[] =>
      bindings.map((binding) => ({
        argument: binding.argument,
        field: nameOf(binding),
        value: args[binding.argument],
      }));
    if (whole !== undefined) {
      return {
        whole: args[whole.argument],
        fields: [],
        files: given(files),
      };
    }
    for (const name of hidden) {
      if (args[name] !== undefined && !bound.has(name)) {
        throw new RefusedArgumentError(name, 'is none of this tool');
      }
    }
    const open = input.openBody
      ? Object.entries(args)
          .filter(([argument]) => !bound.has(argument))
          .map(([field, value]) => ({ argument: field, field, value }))
      : [];
    return { fields: [...given(fields), ...open], files: given(files) };
  };
}

function headerArguments(
  bindings: readonly ArgumentTarget[],
  args: Readonly<Record<string, unknown>>,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const binding of bindings) {
    const { argument } = binding;
    const value = args[argument];
    if (value === undefined || value === null) {
      continue;
    }
    const name = nameOf(binding).toLowerCase();
    if (isForbiddenHeader(name)) {
      throw new RefusedArgumentError(
        argument,
        `cannot be sent: the header "${name}" is not for callers to set`,
      );
    }
    const text = Array.isArray(value)
      ? value.map(String).join(', ')
      : typeof value === 'object'
        ? undefined
        : String(value as string);
    if (text === undefined || !VALID_HEADER_VALUE.test(text)) {
      throw new RefusedArgumentError(
        argument,
        'cannot be a header: it must be text of one line, in Latin-1',
      );
    }
    headers[name] = text;
  }
  return headers;
}

function nameOf({ field, argument }: ArgumentTarget): string {
  return field ?? argument;
}
