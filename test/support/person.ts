import type { Visit } from './oauth-browser.js';
import { type Page, PageBrowser } from './page-browser.js';

/** Where clients of a {@link Person} are sent back to: nobody serves it. */
export const CLIENT_CALLBACK = 'http://127.0.0.1:49152/client-callback';

/**
 * Somebody at a browser, who agrees to everything and logs in by one name: at
 * the library's pages and at those of `oidc-provider`.
 */
export class Person {
  readonly browser = new PageBrowser();

  constructor(
    private readonly userName: string,
    private readonly password = 'secret',
  ) {}

  /** Follows an authorization request to its redirect URI. */
  async visit(url: URL): Promise<Visit> {
    const prompts: string[] = [];
    let html = '';
    let page = await this.browser.open(url);
    while (page.status !== 0) {
      const prompt = promptOf(page);
      if (page.status !== 200 || !prompt || prompts.length > 5) {
        throw new Error(`${page.status} from ${page.url.href}: ${page.html}`);
      }
      prompts.push(prompt);
      html += page.html;
      page = await this.browser.submit(page, this.answer(prompt));
    }
    return { prompts, html, callback: page.url };
  }

  private answer(prompt: string): Record<string, string> {
    const { userName, password } = this;
    switch (prompt) {
      case 'log in':
        return { username: userName, password };
      case 'allow':
        return { decision: 'allow' };
      case 'provider: login':
        return { login: userName, password };
      default:
        return {};
    }
  }
}

/** `allow` and `log in` for the library's pages, `provider: …` for the provider's. */
export function promptOf({ html }: Page): string | undefined {
  const [, upstream] = /name="prompt" value="(\w+)"/.exec(html) ?? [];
  if (upstream) {
    return `provider: ${upstream}`;
  }
  if (html.includes('name="decision"')) {
    return 'allow';
  }
  return html.includes('name="password"') ? 'log in' : undefined;
}
