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
