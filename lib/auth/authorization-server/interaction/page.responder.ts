import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type {
  AuthorizationPages,
  ConsentView,
  ErrorView,
  LoginView,
  PageView,
} from './authorization.pages.js';

/** A view without what every page gets. */
type Content<View extends PageView> = Omit<View, keyof PageView>;

/** Sends pages with the headers that keep other sites, and scripts, out of them. */
export class PageResponder {
  constructor(
    private readonly pages: AuthorizationPages,
    private readonly serverName: string,
  ) {}

  login(response: ServerResponse, view: Content<LoginView>): void {
    if (view.waitSeconds !== undefined) {
      response.setHeader('Retry-After', String(view.waitSeconds));
    }
    const slowed = view.waitSeconds !== undefined;
    this.send(response, slowed ? 429 : view.failed ? 401 : 200, [], (page) =>
      this.pages.login({ ...page, ...view }),
    );
  }

  /** @param destinations origins, or schemes, that the form's answer redirects to */
  consent(
    response: ServerResponse,
    view: Content<ConsentView>,
    destinations: readonly string[],
  ): void {
    this.send(response, 200, destinations, (page) =>
      this.pages.consent({ ...page, ...view }),
    );
  }

  /**
   * Sends the browser elsewhere by a page, as browsers hold a redirect that
   * answers a form to the form's own page, and the identity provider may
   * redirect to hosts that nobody here knows.
   */
  forward(response: ServerResponse, url: string): void {
    response.setHeader('Refresh', `0; url=${url}`);
    this.send(response, 200, [], (page) =>
      this.pages.error({
        ...page,
        title: 'One moment',
        message: 'You are being taken to your login.',
      }),
    );
  }

  error(
    response: ServerResponse,
    status: number,
    view: Content<ErrorView>,
  ): void {
    this.send(response, status, [], (page) =>
      this.pages.error({ ...page, ...view }),
    );
  }

  private send(
    response: ServerResponse,
    status: number,
    destinations: readonly string[],
    render: (page: PageView) => string,
  ): void {
    const nonce = randomBytes(16).toString('base64');
    const html = render({ nonce, serverName: this.serverName });
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      // `form-action` holds for redirects that answer a form, too.
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        `form-action ${["'self'", ...destinations].join(' ')}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join('; '),
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
    response.end(html);
  }
}
