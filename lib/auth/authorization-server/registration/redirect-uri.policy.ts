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

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)$/;

/**
 * Which redirect URIs may be registered. What was registered is afterwards
 * compared letter for letter, but for the port of loopback (RFC 8252, section
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
  if (!URL.canParse(uri)) {
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
  private readonly path: RegExp;

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
    this.host = expression(host.toLowerCase(), '[a-z0-9-]+');
    this.path = expression(match[3] ?? '/', '[^?#]*');
  }

  matches(url: URL): boolean {
    return (
      url.protocol === this.protocol &&
      this.host.test(url.host) &&
      this.path.test(url.pathname || '/') &&
      // A query could make the page behind a known path redirect further.
      url.search === ''
    );
  }
}

function expression(text: string, wildcard: string): RegExp {
  const escaped = text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', wildcard)}$`);
}
