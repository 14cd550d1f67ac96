import type { PageView } from '../../auth/issuer/authorization.pages.js';

/**
 * Styles of the default pages. Nothing is loaded, so that the policy of the
 * page needs no source beside the nonce. Contrasts are 4.5 to 1 or more.
 */
const PAGE_STYLES = `
:root {
  color-scheme: light dark;
  --page: #f3f4f6; --card: #fff; --text: #16181d; --quiet: #565c69;
  --line: #d5d9e0; --edge: #747b8a; --accent: #1f5fbf; --on-accent: #fff;
  --hover: #194d9b; --alert: #a3182b; --alert-back: #fdeef0;
  --warn: #6a4300; --warn-back: #fff5df; --warn-line: #d99a2b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #101216; --card: #1a1d23; --text: #eceef2; --quiet: #a9b0bd;
    --line: #343a45; --edge: #8790a0; --accent: #8ab4f8; --on-accent: #10233f;
    --hover: #a8c7fa; --alert: #ffb4bd; --alert-back: #3a1a20;
    --warn: #ffd591; --warn-back: #33270f; --warn-line: #b98225;
  }
}
*, ::before, ::after { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 1rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, 'Segoe UI', Roboto,
  'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif;
  display: flex; flex-direction: column; align-items: center;
  justify-content: center; overflow-wrap: anywhere;
}
main {
  width: 100%; max-width: 28rem; padding: 2rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 0.75rem;
  box-shadow: 0 1px 3px rgb(0 0 0 / 8%), 0 8px 24px rgb(0 0 0 / 6%);
}
h1 { margin: 0; font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { margin: 1.5rem 0 0.25rem; font-size: 1rem; }
p { margin: 0.75rem 0 0; }
ul { margin: 0; padding-left: 1.25rem; }
li { padding: 0.125rem 0; }
code { font: 0.9375rem/1.5 ui-monospace, 'Liberation Mono', monospace; }
.server { margin: 0 0 1rem; color: var(--quiet); font-weight: 600; }
a { color: var(--accent); }
.quiet { color: var(--quiet); }
.facts { margin: 1.5rem 0 0; border-top: 1px solid var(--line); }
.facts div { padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
dt { color: var(--quiet); font-size: 0.875rem; }
dd { margin: 0; }
.host { font-size: 1.25rem; font-weight: 700; line-height: 1.35; }
.alert, .warning {
  margin: 1.25rem 0 0; padding: 0.75rem 1rem; border-radius: 0.5rem;
  border-left: 0.25rem solid;
}
.alert { color: var(--alert); background: var(--alert-back); }
.warning {
  color: var(--warn); background: var(--warn-back);
  border-left-color: var(--warn-line);
}
form { margin: 1.5rem 0 0; }
.field { margin-bottom: 1.25rem; }
.field label { display: block; margin-bottom: 0.25rem; font-weight: 600; }
.field input {
  width: 100%; min-height: 2.75rem; padding: 0.5rem 0.75rem; font: inherit;
  color: inherit; background: var(--card); border: 1px solid var(--edge);
  border-radius: 0.5rem;
}
.field input[aria-invalid='true'] { border-color: var(--alert); }
.remember {
  display: flex; align-items: center; gap: 0.75rem; min-height: 2.75rem;
  margin-bottom: 0.75rem; cursor: pointer;
}
.remember input {
  flex: none; width: 1.25rem; height: 1.25rem; margin: 0;
  accent-color: var(--accent);
}
.buttons { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; }
button {
  width: 100%; min-height: 2.75rem; padding: 0.5rem 1rem; font: inherit;
  font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 1px solid transparent; border-radius: 0.5rem; cursor: pointer;
}
button:hover { background: var(--hover); }
:focus-visible { outline: 0.1875rem solid var(--accent); outline-offset: 0.125rem; }
@media (max-width: 30rem) {
  body { padding: 0; background: var(--card); justify-content: flex-start; }
  main { padding: 1.5rem 1.25rem; border: 0; border-radius: 0; box-shadow: none; }
}
`;

/** What stands around every default page. */
export function layout(
  { nonce, serverName }: PageView,
  title: string,
  content: Html,
): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} – ${serverName}</title>
        <style nonce="${nonce}">
          ${new Html(PAGE_STYLES)}
        </style>
      </head>
      <body>
        <main>
          <p class="server"><bdi>${serverName}</bdi></p>
          ${content}
        </main>
      </body>
    </html> `.toString();
}

/** Text that is HTML already. Only {@link html} makes it. */
export class Html {
  constructor(private readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What a template may hold: nothing is written for `undefined` and `false`. */
export type HtmlValue =
  Html | string | number | undefined | false | readonly HtmlValue[];

/**
 * Makes HTML of a template. Every value is escaped, for text as for attributes
 * in double quotes, unless it is HTML made by this function.
 */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly HtmlValue[]
): Html {
  return new Html(
    strings.reduce(
      (before, text, index) => before + render(values[index - 1]) + text,
    ),
  );
}

function render(value: HtmlValue): string {
  if (value === undefined || value === false) {
    return '';
  }
  if (value instanceof Html) {
    return value.toString();
  }
  if (typeof value === 'object') {
    return value.map(render).join('');
  }
  return escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escape(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}
