/** How deep a message may nest; what the SDK checks it with is recursive. */
const MAX_DEPTH = 500;

/** Whether a body nests deeper than can be checked without running out of stack. */
export function nestsTooDeep(body: unknown, left = MAX_DEPTH): boolean {
  return (
    typeof body === 'object' &&
    body !== null &&
    (left === 0 ||
      Object.values(body).some((member) => nestsTooDeep(member, left - 1)))
  );
}
