import { decodeJwt } from 'jose';
import { MAIN_TWO } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
  TestLogin,
} from '../support/authorization-server.js';
import { type Page, PageBrowser } from '../support/page-browser.js';
import { sendRaw } from '../support/raw-http.js';

describe.each(MAIN_TWO)('login and consent on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let browser: PageBrowser;
  let clients = 0;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
  });
  beforeEach(async () => {
    client = new HandClient(server.issuer, server.endpoint);
    browser = new PageBrowser();
    // Remembered consents are for one client: each test has its own.
    await client.register({ client_name: `Client ${++clients}` });
  });
  afterAll(() => server?.close());

  /** The consent page, of somebody who has logged in. */
  async function consentPage(person = browser, of = client): Promise<Page> {
    const login = await person.open(of.authorizationUrl());
    return person.submit(login, { username: 'ada', password: 'secret' });
  }

  it('refuses consent from a browser without the cookie', async () => {
    const page = await consentPage();
    const end = await new PageBrowser().submit(page, { decision: 'allow' });
    expect(end.status).toBeGreaterThanOrEqual(400);
    expect(end.url.searchParams.has('code')).toBe(false);
  });

  it.each([
    ['no token', ''],
    ['a token made up', 'x'.repeat(43)],
    ['the token of another login', undefined],
  ])('refuses consent with %s against forgery', async (_, csrf) => {
    const page = await consentPage();
    const other = await consentPage(new PageBrowser());
    const foreign = / name="csrf" value="([^"]*)"/.exec(other.html)?.[1] ?? '';
    const end = await browser.submit(page, {
      decision: 'allow',
      csrf: csrf ?? foreign,
    });
    expect(end.status).toBe(403);
    // The person can still decide.
    const allowed = await browser.submit(page, { decision: 'allow' });
    expect(allowed.url.searchParams.has('code')).toBe(true);
  });

  it.each(['cross-site', 'same-site'])(
    'refuses a form that comes %s, whatever is in it',
    async (site) => {
      const page = await consentPage();
      const end = await browser.submit(
        page,
        { decision: 'allow' },
        { 'sec-fetch-site': site },
      );
      expect(end.status).toBe(403);
    },
  );

  it('shows a login to no other browser than the one it began in', async () => {
    const login = await browser.open(client.authorizationUrl());
    const other = new PageBrowser();
    const page = await other.open(login.url);
    expect(page.status).toBe(400);
    expect(page.html).not.toContain('csrf');
    // Nor to one that has a login of its own under way.
    await other.open(client.authorizationUrl());
    expect((await other.open(login.url)).status).toBe(400);
  });

  it('sends a refusal to the client as access_denied (RFC 6749, section 4.1.2.1)', async () => {
    const page = await consentPage();
    const end = await browser.submit(page, { decision: 'deny' });
    expect(end.url.searchParams.getAll('error')).toEqual(['access_denied']);
    expect(end.url.searchParams.getAll('state')).toEqual(['state-of-client']);
    expect(end.url.searchParams.getAll('iss')).toEqual([server.issuer]);
    expect(end.url.searchParams.has('code')).toBe(false);
  });

  it.each(['', 'maybe', 'ALLOW'])(
    'takes the decision "%s" for a refusal',
    async (decision) => {
      const end = await browser.submit(await consentPage(), { decision });
      expect(end.url.searchParams.get('error')).toBe('access_denied');
    },
  );

  it('shows the login page again after a wrong password, with 401', async () => {
    const login = await browser.open(client.authorizationUrl());
    const again = await browser.submit(login, {
      username: 'ada',
      password: 'wrong',
    });
    expect(again.status).toBe(401);
    expect(again.html).toContain('name="password"');
    expect(again.html).not.toContain('wrong"');
    const end = await agree(browser, again);
    expect(end.url.searchParams.has('code')).toBe(true);
  });

  it('asks for consent with the login alone not enough', async () => {
    const login = await browser.open(client.authorizationUrl());
    const end = await browser.submit(login, {
      username: 'ada',
      password: 'secret',
      decision: 'allow',
      remember: 'yes',
    });
    expect(end.status).toBe(200);
    expect(end.html).toContain('name="decision"');
  });

  describe('a consent that is remembered', () => {
    beforeEach(async () => {
      const page = await consentPage();
      const end = await browser.submit(page, {
        decision: 'allow',
        remember: 'yes',
      });
      expect(end.url.searchParams.has('code')).toBe(true);
    });

    it.each(['none', 'same-origin'])(
      'needs no page when the browser says %s',
      async (site) => {
        const end = await browser.open(client.authorizationUrl(), {
          'sec-fetch-site': site,
        });
        expect(end.url.searchParams.has('code')).toBe(true);
      },
    );

    it.each(['cross-site', 'same-site', ''])(
      'is never silent when the browser says "%s"',
      async (site) => {
        const page = await browser.open(client.authorizationUrl(), {
          'sec-fetch-site': site,
        });
        expect(page.status).toBe(200);
        expect(page.html).toContain('name="decision"');
        const silent = await browser.open(
          client.authorizationUrl({ prompt: 'none' }),
          { 'sec-fetch-site': site },
        );
        expect(silent.url.searchParams.get('error')).toBe('consent_required');
      },
    );

    it('is not used for a request from another site that a login came between', async () => {
      browser.forget();
      for (const parameters of [{}, { mcp_requested_from: 'none' }]) {
        const login = await browser.open(
          client.authorizationUrl({ ...parameters, prompt: 'login' }),
          { 'sec-fetch-site': 'cross-site' },
        );
        const page = await browser.submit(login, {
          username: 'ada',
          password: 'secret',
        });
        expect(page.html).toContain('name="decision"');
      }
    });

    it('is asked again on demand', async () => {
      const page = await browser.open(
        client.authorizationUrl({ prompt: 'consent' }),
      );
      expect(page.html).toContain('name="decision"');
    });

    it('is for the client and its redirect URI alone', async () => {
      const impostor = new HandClient(server.issuer, server.endpoint);
      await impostor.register({
        client_name: 'Hand client',
        scope: 'notes:read',
      });
      const elsewhere = new HandClient(
        server.issuer,
        server.endpoint,
        'http://localhost:7777/client-callback',
      );
      await elsewhere.register();
      for (const other of [impostor, elsewhere]) {
        const page = await browser.open(other.authorizationUrl());
        expect(page.html).toContain('name="decision"');
      }
    });

    it('is for the person alone', async () => {
      const login = await browser.open(
        client.authorizationUrl({ prompt: 'login' }),
      );
      const page = await browser.submit(login, {
        username: 'bob',
        password: 'secret',
      });
      expect(page.html).toContain('name="decision"');
      expect(page.html).toContain('The great bob');
      const end = await browser.submit(page, { decision: 'allow' });
      const code = end.url.searchParams.get('code') ?? '';
      const { access_token } = (await (
        await client.token({ code })
      ).json()) as { access_token: string };
      expect(decodeJwt(access_token).sub).toBe('bob');
    });
  });

  it('remembers a consent for its scopes alone', async () => {
    const ask = (scope: string) =>
      browser.open(client.authorizationUrl({ scope }));
    const login = await ask('notes:read');
    const page = await browser.submit(login, {
      username: 'ada',
      password: 'secret',
    });
    await browser.submit(page, { decision: 'allow', remember: 'yes' });
    expect((await ask('notes:read')).url.searchParams.has('code')).toBe(true);
    const more = await ask('notes:read notes:write');
    expect(more.html).toContain('notes:write');
    expect(more.html).toContain('name="decision"');
  });

  it.each([
    [
      'https',
      'https://app.example/client-callback/a',
      'https://app.example/client-callback/b',
      false,
    ],
    [
      'a scheme of its own',
      'app://host/client-callback/a',
      'app://host/client-callback/b',
      false,
    ],
    [
      'loopback',
      'http://127.0.0.1:7777/client-callback/a',
      'http://127.0.0.1:7777/client-callback/b',
      false,
    ],
    [
      'loopback at another port',
      'http://[::1]:7777/client-callback',
      'http://[::1]:7778/client-callback',
      true,
    ],
  ])(
    'remembers a consent for the one redirect URI: %s',
    async (_, given, other, isCovered) => {
      const own = await bootIssuing(adapter, {
        clients: [{ clientId: 'two', redirectUris: [given, other] }],
      });
      try {
        const two = new HandClient(own.issuer, own.endpoint, given);
        two.clientId = 'two';
        const page = await consentPage(browser, two);
        await browser.submit(page, { decision: 'allow', remember: 'yes' });
        const ask = (redirect_uri: string) =>
          browser.open(two.authorizationUrl({ redirect_uri }));
        expect((await ask(given)).url.searchParams.has('code')).toBe(true);
        const end = await ask(other);
        expect(end.url.searchParams.has('code')).toBe(isCovered);
        expect(end.html.includes('name="decision"')).toBe(!isCovered);
      } finally {
        await own.close();
      }
    },
  );

  it('remembers nothing unless asked to', async () => {
    await browser.submit(await consentPage(), { decision: 'allow' });
    const page = await browser.open(client.authorizationUrl());
    expect(page.html).toContain('name="decision"');
  });

  it('shows names of clients as text, and where access is handed to', async () => {
    const name = '<img src=x onerror=alert(1)>" autofocus';
    const https = new HandClient(
      server.issuer,
      server.endpoint,
      'https://app.example/client-callback',
    );
    await https.register({ client_name: name });
    const page = await consentPage(browser, https);
    expect(page.html).not.toContain('<img');
    expect(page.html).toContain('&lt;img');
    expect(page.html).toContain('app.example');
    // The answer is a page of this server, which leads on.
    expect(page.headers.get('content-security-policy')).toContain(
      "form-action 'self';",
    );
  });

  it('gives cookies no script, no other site, and no prefix that plain http cannot have', async () => {
    const all = await cookiesOfLogin(server, client);
    for (const line of all) {
      expect(line).toMatch(/; ?httponly/i);
      expect(line).toMatch(/; ?samesite=lax/i);
      expect(line).not.toMatch(/domain=/i);
      expect(line).not.toMatch(/^__|; ?secure/i);
    }
  });

  it('tells people nothing of what went wrong inside, and the log nothing of their password', async () => {
    class BrokenLogin extends TestLogin {
      override login(): Promise<null> {
        return Promise.reject(new Error('the directory at 10.1.2.3 is down'));
      }
    }
    const broken = await bootIssuing(adapter, { login: new BrokenLogin() });
    try {
      const own = new HandClient(broken.issuer, broken.endpoint);
      await own.register();
      const login = await browser.open(own.authorizationUrl());
      const page = await browser.submit(login, {
        username: 'ada',
        password: 'very-secret',
      });
      expect(page.status).toBe(500);
      expect(page.html).not.toMatch(/10\.1\.2\.3|directory|at \w+ \(/);
      const log = broken.logger.lines.map(({ text }) => text).join('\n');
      expect(log).toContain('the directory at 10.1.2.3 is down');
      expect(log).not.toContain('very-secret');
    } finally {
      await broken.close();
    }
  });
});

describe.each(MAIN_TWO)('cookies behind https on %s', (adapter) => {
  it('are Secure, with a prefix that no subdomain can fake', async () => {
    const server = await bootIssuing(adapter, {
      issuer: 'https://auth.example',
    });
    try {
      const client = new HandClient(server.issuer, server.endpoint);
      await client.register();
      const all = await cookiesOfLogin(server, client);
      for (const line of all) {
        expect(line).toMatch(/; ?secure/i);
        expect(line).toMatch(/; ?httponly/i);
        expect(line).toMatch(/; ?samesite=lax/i);
        expect(line).not.toMatch(/domain=/i);
        expect(line).toMatch(/^__(Host|Secure)-/);
        if (line.startsWith('__Host-')) {
          expect(line).toMatch(/; ?path=\/(;|$)/i);
        }
      }
      expect(all.join(' ')).toContain('__Host-mcp-browser=');
    } finally {
      await server.close();
    }
  });
});

/** What is set on the way to the login page. */
async function cookiesOfLogin(
  server: Issuing,
  client: HandClient,
): Promise<string[]> {
  const { pathname, search } = client.authorizationUrl();
  const first = await sendRaw(`${server.issuer}${pathname}${search}`, {
    method: 'GET',
  });
  const cookies = first.values('set-cookie');
  const page = await sendRaw(`${server.issuer}${first.values('location')[0]}`, {
    method: 'GET',
    headers: {
      cookie: cookies.map((line) => line.split(';')[0]).join('; '),
    },
  });
  expect(page.status).toBe(200);
  const all = [...cookies, ...page.values('set-cookie')];
  expect(all.length).toBeGreaterThanOrEqual(3);
  return all;
}
