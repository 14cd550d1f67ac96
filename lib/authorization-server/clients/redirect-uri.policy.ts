/** Documented callbacks of well-known clients. */
const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  claude: [
    'https://claude.ai/api/mcp/auth_callback',
    'https://claude.com/api/mcp/auth_callback',
  ],
  chatgpt: [
    'https://chatgpt.com/connector_platform_oauth_redirect',
    'https://chatgpt.com/connector/oauth/*',
  ],
  vscode: [
    'http://127.0.0.1/',
    'http://127.0.0.1:33418/',
    'https://vscode.dev/redirect',
    'https://insiders.vscode.dev/redirect',
  ],
  cursor: [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
  ],
};

/** Schemes that run or read something where they are opened (RFC 8252, section 8.6, lists none; browsers do). */
const NEVER = new Set([
  'javascript:',
  'data:',
  'file:',
  'vbscript:',
  'blob:',
  'about:',
]);

/** Longer ones are nobody's: what is compared and kept stays small. */
const MAX_LENGTH = 2000;

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)$/;

/**
 * Which redirect URIs may be registered. What was registered is afterwards
 * compared letter for letter, except the port of loopback (RFC 8252, section
 * 7.3).
 */
export class RedirectUriPolicy {
  private readonly patterns: readonly Pattern[];

  /** @throws Error naming the entry and the remedy */
  constructor(private readonly entries: readonly string[]) {
    this.patterns = entries
      .filter((entry) => !['loopback', 'https'].includes(entry))
      .flatMap((entry) => CLIENTS[entry] ?? [entry])
      .map((pattern) => new Pattern(pattern));
  }

  allows(uri: string): boolean {
    const url = safeUrl(uri);
    if (!url) {
      return false;
    }
    const isLoopback = url.protocol === 'http:' && LOOPBACK.test(url.hostname);
    return (
      (isLoopback && this.entries.includes('loopback')) ||
      (url.protocol === 'https:' && this.entries.includes('https')) ||
      this.patterns.some((pattern) => pattern.matches(url))
    );
  }
}

/** Whether a host of a URL is the machine itself. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/** Tells a client which of its redirect URIs are refused, and whoever runs the server what admits them. */
export function refusedRedirects(uris: readonly unknown[]): string {
  // RFC 6749, section 5.2 has no other characters in a description.
  const shown = uris.slice(0, 3).map((uri) =>
    String(uri)
      .slice(0, 200)
      .replace(/[^\x21\x23-\x5b\x5d-\x7e]/g, '?'),
  );
  return shown.length === 0
    ? 'redirect_uris has to name one or more'
    : `redirect_uris: ${shown.join(', ')} not allowed here; the option ` +
        'authorizationServer.registration.redirectUris names what is';
}

/** Whether a redirect only proves that some program on the person's own machine asked. */
export function isLoopbackRedirect(uri: string): boolean {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  return url?.protocol === 'http:' && LOOPBACK.test(url.hostname);
}

/** Whether anybody may be sent there at all, whoever allowed it. */
export function isSafeRedirectUri(uri: string): boolean {
  return safeUrl(uri) !== undefined;
}

/** The URL, unless it is one that readers take for another. */
function safeUrl(uri: string): URL | undefined {
  if (uri.length > MAX_LENGTH || !URL.canParse(uri)) {
    return undefined;
  }
  const url = new URL(uri);
  const isPlainHttpAway =
    url.protocol === 'http:' && !LOOPBACK.test(url.hostname);
  return NEVER.has(url.protocol) ||
    isPlainHttpAway ||
    url.username !== '' ||
    url.password !== '' ||
    url.hash !== '' ||
    uri.includes('#') ||
    uri.includes('\\') ||
    uri.includes('@') ||
    /[^\x21-\x7e]/.test(uri) ||
    hasDotSegment(uri)
    ? undefined
    : url;
}

/** Raw or encoded: some reader decodes before it resolves. */
function hasDotSegment(uri: string): boolean {
  const [path = ''] = uri
    .replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
    .split(/[?#]/, 1);
  return path
    .replace(/%2e/gi, '.')
    .split(/\/|\\|%2f|%5c/i)
    .some((segment) => segment === '.' || segment === '..');
}

/** A URI without query, with `*` for one label of the host, or for the rest of the path. */
class Pattern {
  private readonly protocol: string;
  private readonly host: RegExp;
  /** What stands around the wildcards of the path. */
  private readonly path: readonly string[];

  constructor(pattern: string) {
    const match = /^([a-z][a-z0-9+.-]*:)\/\/([^/?#@]+)(\/[^?#]*)?$/i.exec(
      pattern,
    );
    const protocol = match?.[1]?.toLowerCase() ?? '';
    const host = match?.[2] ?? '';
    if (
      !match ||
      NEVER.has(protocol) ||
      (protocol === 'http:' && !LOOPBACK.test(host.replace(/:\d+$/, ''))) ||
      /\*.*\*/.test(host) ||
      /^\*(\.[^.]+)?$/.test(host)
    ) {
      throw new Error(
        `authorizationServer.registration.redirectUris: "${pattern}" is no ` +
          'usable entry. Write "loopback", "https", ' +
          `${Object.keys(CLIENTS)
            .map((name) => `"${name}"`)
            .join(', ')}, or a ` +
          'pattern such as "https://*.example.com/callback".',
      );
    }
    this.protocol = protocol;
    this.host = new RegExp(
      `^${host
        .toLowerCase()
        .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
        .replace('*', '[a-z0-9-]+')}$`,
    );
    this.path = (match[3] ?? '/').split('*');
  }

  matches(url: URL): boolean {
    return (
      url.protocol === this.protocol &&
      this.host.test(url.host) &&
      isMadeOf(url.pathname || '/', this.path) &&
      // A query could make the page behind a known path redirect further.
      url.search === ''
    );
  }
}

/**
 * Whether a text is these parts in their order, with anything in between. Each
 * is taken at the first place it is found at, so nothing is tried twice; a
 * regular expression would take time by the power of the wildcards.
 */
function isMadeOf(text: string, parts: readonly string[]): boolean {
  const [first = '', ...others] = parts;
  const last = others.pop();
  if (last === undefined) {
    return text === first;
  }
  if (!text.startsWith(first)) {
    return false;
  }
  let end = first.length;
  for (const part of others) {
    const start = text.indexOf(part, end);
    if (start < 0) {
      return false;
    }
    end = start + part.length;
  }
  return text.length - last.length >= end && text.endsWith(last);
}
