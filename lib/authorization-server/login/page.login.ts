import type { LoginField } from '../../auth/issuer/login.service.js';
import type { LoginView } from '../../auth/issuer/authorization.pages.js';
import { html, type Html } from './html.js';
import { clientNameOf } from './page.consent.js';

/** Asks who is there. */
export function loginContent(view: LoginView): Html {
  return html`<h1>Log in</h1>
    <p class="quiet">
      to connect ${clientNameOf(view.clientName)}, as it calls itself, with
      <bdi>${view.serverName}</bdi>
    </p>
    ${view.waitSeconds === undefined ? view.failed && FAILED : slowed(view.waitSeconds)}
    <form method="post">
      <input type="hidden" name="csrf" value="${view.csrf}" />
      ${view.fields.map((field, index) =>
        fieldOf(field, index, index === 0, view.failed),
      )}
      <button>Log in</button>
    </form>`;
}

const FAILED = html`<p class="alert" role="alert" id="failed">
  That did not match. Check what you entered, and try again.
</p>`;

function slowed(seconds: number): Html {
  const wait = seconds === 1 ? '1 second' : `${seconds} seconds`;
  return html`<p class="alert" role="alert" id="failed">
    There were too many attempts. Wait ${wait}, and try again.
  </p>`;
}

/** The id is numbered, as the name may hold what an id may not. */
function fieldOf(
  { name, label, type = 'text', autocomplete = 'off' }: LoginField,
  index: number,
  isFirst: boolean,
  failed: boolean,
): Html {
  return html`<div class="field">
    <label for="field-${index}">${label}</label>
    <input
      id="field-${index}"
      name="${name}"
      type="${type}"
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      ${isFirst && html`autofocus`}
      ${failed && html`aria-invalid="true" aria-describedby="failed"`}
    />
  </div>`;
}
