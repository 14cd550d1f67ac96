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

const CREDENTIALS = new Set(['authorization', 'cookie']);

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

/**
 * Whether an argument of a tool may become this header. Credentials may not:
 * they come from the caller's own request, by `forwardHeaders`.
 *
 * @param name in any case
 */
export function isArgumentHeader(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return !CREDENTIALS.has(lowerCase) && !isConnectionHeader(lowerCase);
}
