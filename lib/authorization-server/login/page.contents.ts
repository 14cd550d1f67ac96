import type {
  ConsentView,
  LoginView,
} from '../../auth/issuer/authorization.pages.js';
import { html, Html, type HtmlValue } from './page.layout.js';
import type { LoginField } from '../../auth/issuer/login.service.js';

/** More would push what matters out of sight. */
const LONGEST = 60;

/**
 * The name that a client gave itself: in quotes, short, and kept from changing
 * the direction or the meaning of the text around it.
 */
export function clientNameOf(name: string): Html {
  return html`“<bdi>${shorten(name)}</bdi>”`;
}

function shorten(name: string): string {
  // Of a name in quotes, the reader must not take the end for ours.
  const plain = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}“”"]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(plain);
  return characters.length > LONGEST
    ? `${characters.slice(0, LONGEST).join('')}…`
    : plain || 'no name';
}

/** Asks whether a client may act for the person. */
export function consentContent(view: ConsentView): Html {
  return html`<h1>
      Allow ${clientNameOf(view.clientName)} to use
      <bdi>${view.serverName}</bdi>?
    </h1>
    <p class="quiet">
      ${
        view.verifiedHost === undefined
          ? 'The program gave itself this name; nobody has checked it.'
          : html`The program gave itself this name. It is published by
              <strong>${view.verifiedHost}</strong>.`
      }
    </p>
    <dl class="facts">
      ${fact(
        'If you allow it, access is handed to',
        html`<span class="host">${view.redirectHost}</span>`,
      )}
      ${
        view.displayName !== undefined &&
        fact('You are logged in as', html`<bdi>${view.displayName}</bdi>`)
      }
      ${
        view.providerName !== undefined &&
        fact('Next, you log in with', html`<bdi>${view.providerName}</bdi>`)
      }
    </dl>
    ${view.isLoopback && LOOPBACK_WARNING}
    <h2>It asks for</h2>
    ${scopesOf(view)}
    <form method="post">
      <input type="hidden" name="csrf" value="${view.csrf}" />
      ${view.canRemember && REMEMBER}
      <div class="buttons">
        <button name="decision" value="deny">Deny</button>
        <button
          name="decision"
          value="allow"
          ${view.isLoopback && html`aria-describedby="warning"`}
        >
          Allow
        </button>
      </div>
    </form>`;
}

const LOOPBACK_WARNING = html`<p class="warning" id="warning">
  <strong>Any program on your computer could be behind this.</strong>
  Allow it only if you have just started to connect one yourself.
</p>`;

const REMEMBER = html`<label class="remember">
  <input type="checkbox" name="remember" value="yes" />
  <span>Remember this decision</span>
</label>`;

function fact(term: string, description: HtmlValue): Html {
  return html`<div>
    <dt>${term}</dt>
    <dd>${description}</dd>
  </div>`;
}

function scopesOf({ scopes, scopeDescriptions }: ConsentView): Html {
  return scopes.length === 0
    ? html`<p>No permission in particular.</p>`
    : html`<ul>
        ${scopes.map((scope) => {
          const description = scopeDescriptions?.get(scope);
          return html`<li>
            ${description !== undefined && html`${description} –`}
            <code>${scope}</code>
          </li>`;
        })}
      </ul>`;
}

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
