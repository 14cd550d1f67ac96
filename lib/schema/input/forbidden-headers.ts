/**
 * Headers that no argument may set: they carry the caller's identity and
 * origin, frame the message, or belong to one hop (RFC 9110, section 7.6.1).
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'authorization',
  'accept-encoding',
  'cookie',
  'set-cookie',
  'host',
  'origin',
  'referer',
  'forwarded',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'date',
  'via',
]);

const FORBIDDEN_PREFIXES = [
  'content-',
  'mcp-',
  'proxy-',
  'sec-',
  'x-forwarded-',
];

/** Whether a header, in any case, is out of reach for a tool's arguments. */
export function isForbiddenHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return (
    FORBIDDEN.has(lower) ||
    FORBIDDEN_PREFIXES.some((prefix) => lower.startsWith(prefix))
  );
}
