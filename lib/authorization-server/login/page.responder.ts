import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import {
  AuthorizationPages,
  type ConsentView,
  type ErrorView,
  type LoginView,
  type PageView,
} from '../../auth/issuer/authorization.pages.js';
import { html, layout } from './page.layout.js';
import { consentContent, loginContent } from './page.contents.js';

/**
 * Pages of plain HTML without a script, in light and dark, for keyboard, phone
 * and screen reader. Override one method to replace one page.
 *
 * @publicApi
 */
export class DefaultAuthorizationPages extends AuthorizationPages {
  override login(view: LoginView): string {
    const again = view.failed || view.waitSeconds !== undefined;
    const title = again ? 'Try again: log in' : 'Log in';
    return layout(view, title, loginContent(view));
  }

  override consent(view: ConsentView): string {
    return layout(view, 'Allow access?', consentContent(view));
  }

  override error(view: ErrorView): string {
    return layout(
      view,
      view.title,
      html`<h1>${view.title}</h1>
        <p>${view.message}</p>
        ${view.next !== undefined && html`<p><a href="${view.next}">Go on</a></p>`}`,
    );
  }
}

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
    this.send(response, slowed ? 429 : view.failed ? 401 : 200, (page) =>
      this.pages.login({ ...page, ...view }),
    );
  }

  consent(response: ServerResponse, view: Content<ConsentView>): void {
    this.send(response, 200, (page) =>
      this.pages.consent({ ...page, ...view }),
    );
  }

  /**
   * Answers a form by a page that takes the browser elsewhere. Browsers hold
   * every redirect that answers a form to `form-action` of the form's page, those
   * of other servers among them; but the identity provider may redirect to hosts
   * that nobody here knows, and the page of a client to a program.
   */
  forward(response: ServerResponse, url: string, message: string): void {
    response.setHeader('Refresh', `0; url=${url}`);
    this.send(response, 200, (page) =>
      this.pages.error({
        ...page,
        title: 'One moment',
        message,
        next: url,
      }),
    );
  }

  error(
    response: ServerResponse,
    status: number,
    view: Content<ErrorView>,
  ): void {
    this.send(response, status, (page) =>
      this.pages.error({ ...page, ...view }),
    );
  }

  private send(
    response: ServerResponse,
    status: number,
    render: (page: PageView) => string,
  ): void {
    const nonce = randomBytes(16).toString('base64');
    const html = render({ nonce, serverName: this.serverName });
    response.writeHead(status, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        "form-action 'self'",
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
