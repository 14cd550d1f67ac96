/** What the login server showed on the way, and where it sent the browser. */
export interface Visit {
  /** The pages that were shown, by what they asked for: `login`, `consent`. */
  readonly prompts: readonly string[];
  /** Text of those pages. */
  readonly html: string;
  /** The URL at the client that the visit ended at. */
  readonly callback: URL;
}

interface Cookie {
  readonly name: string;
  readonly path: string;
  readonly value: string;
}

/** A person at a browser with cookies, who logs in by name and agrees to everything. */
export class OAuthBrowser {
  private cookies: Cookie[] = [];

  constructor(private readonly userName: string) {}

  /** Follows an authorization request to its redirect URI, which nobody needs to serve. */
  async visit(url: URL): Promise<Visit> {
    const redirectUri = url.searchParams.get('redirect_uri');
    const prompts: string[] = [];
    let html = '';
    let next: { url: URL; form?: URLSearchParams } = { url };
    for (let steps = 0; steps < 20; steps += 1) {
      if (next.url.href.startsWith(`${redirectUri}?`)) {
        return { prompts, html, callback: next.url };
      }
      const response = await this.request(next.url, next.form);
      const location = response.headers.get('location');
      if (location !== null) {
        next = { url: new URL(location, next.url) };
        continue;
      }
      const page = await response.text();
      if (response.status !== 200) {
        throw new Error(`${response.status} from ${next.url.href}: ${page}`);
      }
      const { action, prompt, form } = this.fillIn(page);
      prompts.push(prompt);
      html += page;
      next = { url: new URL(action, next.url), form };
    }
    throw new Error(`No end to the redirects of ${url.href}`);
  }

  private fillIn(page: string): {
    action: string;
    prompt: string;
    form: URLSearchParams;
  } {
    const [, action] = /<form[^>]* action="([^"]+)"/.exec(page) ?? [];
    const [, prompt] = /name="prompt" value="(\w+)"/.exec(page) ?? [];
    if (!action || !prompt) {
      throw new Error(`No form to fill in: ${page}`);
    }
    const form = new URLSearchParams({ prompt });
    if (prompt === 'login') {
      form.set('login', this.userName);
      form.set('password', 'any');
    }
    return { action, prompt, form };
  }

  private async request(url: URL, form?: URLSearchParams): Promise<Response> {
    const cookie = this.cookies
      .filter(({ path }) => url.pathname.startsWith(path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: cookie ? { cookie } : {},
      ...(form && { body: form }),
    });
    response.headers.getSetCookie().forEach((line) => this.keep(line));
    return response;
  }

  private keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split('=', 2);
    const path =
      attributes.find((text) => /^path=/i.test(text))?.slice(5) ?? '/';
    const expires = attributes.find((text) => /^expires=/i.test(text));
    this.cookies = this.cookies.filter(
      (cookie) => cookie.name !== name || cookie.path !== path,
    );
    if (!expires || Date.parse(expires.slice(8)) > Date.now()) {
      this.cookies.push({ name, path, value });
    }
  }
}
