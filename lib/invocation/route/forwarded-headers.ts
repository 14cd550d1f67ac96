import type { Caller } from './caller.js';
import type { InnerRequestSpec } from './request-mapper.js';

const SET_BY_US = new Set([
  'accept-encoding',
  'connection',
  'expect',
  'forwarded',
  'host',
  'keep-alive',
  'origin',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const PREFIXES_SET_BY_US = [
  'content-',
  'mcp-',
  'proxy-',
  'sec-fetch-',
  'x-forwarded-',
];

/**
 * Whether a header describes the connection or the message itself. The inner
 * request gets these from us alone: never from an argument, and never by
 * forwarding. (The caller's address, protocol and host travel resolved, so
 * that a second look at `x-forwarded-*` could only be wrong.)
 *
 * @param name lower case
 */
export function isConnectionHeader(name: string): boolean {
  return (
    SET_BY_US.has(name) ||
    PREFIXES_SET_BY_US.some((prefix) => name.startsWith(prefix))
  );
}

const compiled = new WeakMap<readonly string[], readonly string[]>();

/**
 * Copies headers of the caller onto a request. They win over arguments, and
 * headers that the developer fixed win over them.
 *
 * @param names in any case
 * @param fixed lower-case names
 */
export function forwardHeaders(
  { headers }: InnerRequestSpec,
  caller: Caller,
  names: readonly string[],
  fixed: Readonly<Record<string, string>>,
): void {
  let forwarded = compiled.get(names);
  if (forwarded === undefined) {
    forwarded = names
      .map((name) => name.toLowerCase())
      .filter((name) => !isConnectionHeader(name));
    compiled.set(names, forwarded);
  }
  for (const name of forwarded) {
    const value = caller.headers[name];
    if (value !== undefined && fixed[name] === undefined) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
}
