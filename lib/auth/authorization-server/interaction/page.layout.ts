import type { PageView } from './authorization.pages.js';
import { Html, html } from './html.js';
import { PAGE_STYLES } from './page.styles.js';

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
