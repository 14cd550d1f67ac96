import {
  AuthorizationPages,
  type ConsentView,
  type ErrorView,
  type LoginView,
} from './authorization.pages.js';
import { html } from './html.js';
import { consentContent } from './page.consent.js';
import { layout } from './page.layout.js';
import { loginContent } from './page.login.js';

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
