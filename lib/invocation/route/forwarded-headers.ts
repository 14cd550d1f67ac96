import { isConnectionHeader } from '../../platform/header-rules.js';
import type { Caller } from './caller.js';
import type { InnerRequestSpec } from './request-mapper.js';

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
