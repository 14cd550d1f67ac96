import type { Argument } from './argument-target.js';

/**
 * Headers that tell of the request rather than of what is asked: which trace it
 * belongs to (W3C Trace Context and Baggage, B3, what vendors send), and the
 * caller's language. Clients set them, and models have nothing to put there.
 */
const AMBIENT_HEADERS: ReadonlySet<string> = new Set([
  'traceparent',
  'tracestate',
  'baggage',
  'b3',
  'request-id',
  'x-request-id',
  'correlation-id',
  'x-correlation-id',
  'correlation-context',
  'request-context',
  'trace-id',
  'x-trace-id',
  'x-span-id',
  'sentry-trace',
  'uber-trace-id',
  'x-cloud-trace-context',
  'accept-language',
  'x-accept-language',
  'x-custom-lang',
  'x-lang',
  'x-language',
  'x-locale',
]);

const AMBIENT_PREFIXES = ['x-b3-', 'x-datadog-', 'ot-tracer-'];

/** Whether a header, in any case, is hidden from models unless the route documents it. */
export function isAmbientHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    AMBIENT_HEADERS.has(lower) ||
    AMBIENT_PREFIXES.some((prefix) => lower.startsWith(prefix))
  );
}

/**
 * The arguments that callers see: none that is hidden for what it is, or for
 * its name in the request, except those without which there is no URL.
 *
 * @param names in any case for headers
 * @param warn is told of a path parameter that stays
 */
export function visibleArguments(
  values: readonly Argument[],
  names: readonly string[],
  warn: (message: string) => void,
): Argument[] {
  const lowerCase = names.map((name) => name.toLowerCase());
  return values.filter(({ source, field, required, isHidden }) => {
    const named =
      field !== undefined &&
      (source === 'header'
        ? lowerCase.includes(field.toLowerCase())
        : names.includes(field));
    if (named && source === 'path' && required) {
      warn(
        `keeps its argument "${field}", which hideArguments names: its URL ` +
          'cannot be built without it. Hide the route with @McpHide(), if no tool shall have it.',
      );
      return true;
    }
    return !named && isHidden !== true;
  });
}
