/** One answer, after redirects within what the browser follows. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

interface Cookie {
  readonly host: string;
  readonly name: string;
  readonly path: string;
  readonly value: string;
}

/** A browser without scripts: cookies, redirects, forms, and the headers that browsers send. */
export class PageBrowser {
  private cookies: Cookie[] = [];

  /** Goes to a URL as if it had been typed in, or opened by a program. */
  open(url: string | URL, headers: Record<string, string> = {}): Promise<Page> {
    return this.follow(new URL(url), {
      headers: { 'sec-fetch-site': 'none', ...headers },
    });
  }

  /** Fills in the form of a page and sends it. */
  submit(
    page: Page,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Page> {
    const form = new URLSearchParams(hiddenFields(page.html));
    for (const [name, value] of Object.entries(fields)) {
      form.set(name, value);
    }
    return this.follow(page.url, {
      method: 'POST',
      body: form,
      headers: {
        'sec-fetch-site': 'same-origin',
        origin: page.url.origin,
        ...headers,
      },
    });
  }

  cookieNames(): string[] {
    return this.cookies.map(({ name }) => name);
  }

  forget(): void {
    this.cookies = [];
  }

  /** Follows redirects until a page, or a URL that nobody serves: then the status is 0. */
  private async follow(start: URL, init: RequestInit): Promise<Page> {
    let url = start;
    let request = init;
    for (let step = 0; step < 20; step += 1) {
      const response = await this.send(url, request);
      const next = nextOf(response);
      if (next === null) {
        const html = await response.text();
        return {
          url,
          status: response.status,
          headers: response.headers,
          html,
        };
      }
      url = new URL(next, url);
      if (isClient(url)) {
        return { url, status: 0, headers: response.headers, html: '' };
      }
      request = {
        headers: { 'sec-fetch-site': siteOf(start, url, request) },
      };
    }
    throw new Error(`No end to the redirects of ${start.href}`);
  }

  private async send(url: URL, init: RequestInit): Promise<Response> {
    const cookie = this.cookies
      .filter(
        ({ host, path }) => host === url.host && url.pathname.startsWith(path),
      )
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: {
        accept: 'text/html,*/*;q=0.8',
        ...(init.headers as Record<string, string>),
        ...(cookie && { cookie }),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      this.keep(url.host, line);
    }
    return response;
  }

  private keep(host: string, line: string): void {
    const [pair = '', ...attributes] = line.split(/;\s*/);
    const [name = ''] = pair.split('=', 1);
    const value = pair.slice(name.length + 1);
    const read = (attribute: string): string | undefined =>
      attributes
        .find((text) => text.toLowerCase().startsWith(`${attribute}=`))
        ?.slice(attribute.length + 1);
    const path = read('path') ?? '/';
    this.cookies = this.cookies.filter(
      (cookie) =>
        cookie.host !== host || cookie.name !== name || cookie.path !== path,
    );
    const expires = read('expires');
    if (!expires || Date.parse(expires) > Date.now()) {
      this.cookies.push({ host, name, path, value });
    }
  }
}

/** Redirect URIs of tests are on a host that nobody serves, or a scheme of their own. */
function isClient(url: URL): boolean {
  return url.pathname.startsWith('/client-callback') || url.protocol === 'app:';
}

function nextOf(response: Response): string | null {
  const refresh = /^0; url=(.+)$/.exec(response.headers.get('refresh') ?? '');
  return refresh?.[1] ?? response.headers.get('location');
}

function siteOf(start: URL, url: URL, { headers }: RequestInit): string {
  const before = (headers as Record<string, string>)['sec-fetch-site'] ?? '';
  return before !== 'cross-site' && start.origin === url.origin
    ? before
    : 'cross-site';
}

function hiddenFields(html: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [tag] of html.matchAll(/<input[^>]*type="hidden"[^>]*>/g)) {
    const name = / name="([^"]*)"/.exec(tag)?.[1];
    const value = / value="([^"]*)"/.exec(tag)?.[1];
    if (name !== undefined) {
      fields[name] = value ?? '';
    }
  }
  return fields;
}
