import type { IncomingMessage } from 'node:http';

/** How deep a body may nest: what the SDK and `oidc-provider` check it with is recursive. */
const MAX_DEPTH = 500;

/** Characters that a message has at least which nests that deep. */
const DEEP_LENGTH = 2 * MAX_DEPTH;

/** As {@link nestsTooDeep}, without a look at a message that is too short for it. */
export function requestNestsTooDeep(
  { headers }: Pick<IncomingMessage, 'headers'>,
  body: unknown,
): boolean {
  const isShort =
    headers['content-encoding'] === undefined &&
    Number(headers['content-length']) < DEEP_LENGTH;
  return !isShort && nestsTooDeep(body);
}

/** Whether a body nests deeper than can be checked without running out of stack. */
export function nestsTooDeep(body: unknown, left = MAX_DEPTH): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (left === 0 ||
      Object.values(body).some((member) => nestsTooDeep(member, left - 1)))
  );
}
