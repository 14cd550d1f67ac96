const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A `scope-token` (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Reads an absolute https URL, or an http one of loopback; undefined for anything else. */
export function readSecureUrl(value: unknown): URL | undefined {
  const url =
    typeof value === 'string' && URL.canParse(value)
      ? new URL(value)
      : undefined;
  return url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
    ? url
    : undefined;
}

/** Whether a URL has a user name or a password, which have no place in one. */
export function hasCredentials(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return !!(url?.username || url?.password);
}

/** Whether a text is one scope (RFC 6749, section 3.3). */
export function isScope(text: string): boolean {
  return SCOPE.test(text);
}
