/**
 * For the log, where a value is not of the form it should have: an application's
 * interceptor may have wrapped it, as `{ data: … }` for HTTP.
 *
 * @param isRight whether a value has the form
 * @returns empty where no member of the value has the form either
 */
export function envelopeHint(
  value: unknown,
  isRight: (inner: unknown) => boolean,
): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return '';
  }
  const wrapped = Object.entries(value).find(([, inner]) => isRight(inner));
  return wrapped === undefined
    ? ''
    : ` Its "${wrapped[0]}" has the form, so an interceptor of the application ` +
        'seems to wrap what handlers return. Have it leave calls of MCP alone: ' +
        'if (mcpCallOf(context)) return next.handle();';
}
