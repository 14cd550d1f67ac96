import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerSecrets } from '../server-keys.js';

/**
 * Ties pages to the browser they were shown in, by a cookie that no other site
 * and no subdomain can set or read.
 */
export class BrowserCookie {
  private readonly name: string;

  /** @param isSecure false on plain http, which browsers allow on loopback alone */
  constructor(
    private readonly secrets: ServerSecrets,
    private readonly isSecure: boolean,
  ) {
    // Browsers refuse the prefix without Secure.
    this.name = isSecure ? '__Host-mcp-browser' : 'mcp-browser';
  }

  /** The browser's own value; one is given to it where it has none. */
  identify(request: IncomingMessage, response: ServerResponse): string {
    const known = this.read(request);
    if (known !== undefined) {
      return known;
    }
    const value = randomBytes(32).toString('base64url');
    response.appendHeader(
      'Set-Cookie',
      `${this.name}=${value}; Path=/; HttpOnly; SameSite=Lax` +
        (this.isSecure ? '; Secure' : ''),
    );
    return value;
  }

  /** The browser's own value; undefined for a browser that never saw a page. */
  read(request: IncomingMessage): string | undefined {
    const pairs = (request.headers.cookie ?? '').split(/;\s*/);
    const found = pairs.filter((pair) => pair.startsWith(`${this.name}=`));
    const value = found[0]?.slice(this.name.length + 1);
    return found.length === 1 && value && /^[\w-]{43}$/.test(value)
      ? value
      : undefined;
  }

  /** What a form on a page for this browser and this login must send back. */
  csrfToken(browser: string, uid: string): string {
    return this.secrets.sign('csrf', `${browser}.${uid}`);
  }

  /** Whether a form was posted from a page shown in this very browser for this very login. */
  isGenuine(request: IncomingMessage, uid: string, token: unknown): boolean {
    const browser = this.read(request);
    return (
      browser !== undefined &&
      this.secrets.verify('csrf', `${browser}.${uid}`, token) &&
      [undefined, 'same-origin', 'none'].includes(
        request.headers['sec-fetch-site'] as string | undefined,
      )
    );
  }
}
