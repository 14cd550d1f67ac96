import { ADAPTERS } from '../support/adapters.js';
import { sendWire } from '../support/auth-raw.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';
import { sendRaw } from '../support/raw-http.js';

const REDIRECT = 'http://127.0.0.1:7777/client-callback';

describe.each(ADAPTERS)('authorization requests on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let browser: PageBrowser;

  beforeAll(async () => {
    server = await bootIssuing(adapter, {
      clients: [
        { clientId: 'known', redirectUris: [REDIRECT] },
        {
          clientId: 'reader',
          redirectUris: [REDIRECT],
          scopes: ['notes:read'],
        },
      ],
    });
  });
  beforeEach(async () => {
    client = new HandClient(server.issuer, server.endpoint);
    browser = new PageBrowser();
    await client.register();
  });
  afterAll(() => server?.close());

  /** Where an authorization request of a client that the server knows is sent to at once. */
  async function redirectOf(
    parameters: Record<string, string | undefined>,
  ): Promise<URL> {
    const url = client.authorizationUrl({ client_id: 'known', ...parameters });
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(303);
    return new URL(response.headers.get('location') ?? '', server.issuer);
  }

  it.each([
    ['without a code_challenge', { code_challenge: undefined }],
    ['with the method plain', { code_challenge_method: 'plain' }],
    [
      'without a method, which would mean plain',
      { code_challenge_method: undefined },
    ],
    ['with a challenge that is no hash', { code_challenge: 'short' }],
  ])(
    'refuses a request %s (RFC 7636, section 4.4.1)',
    async (_, parameters) => {
      const url = await redirectOf(parameters);
      expect(url.searchParams.get('error')).toBe('invalid_request');
      expect(url.searchParams.has('code')).toBe(false);
    },
  );

  it.each([
    'http://127.0.0.1:7777/other',
    'http://127.0.0.1:7777/client-callback/',
    'http://127.0.0.1:7777/client-callback?x=1',
    'http://127.0.0.1:7777/Client-callback',
    'http://localhost:7777/client-callback',
    'http://127.0.0.1.evil.com:7777/client-callback',
    'http://127.0.0.1:7777@evil.com/client-callback',
    'http://127.0.0.1:7777/x/../client-callback',
    'https://127.0.0.1:7777/client-callback',
    'javascript:alert(1)',
    '//evil.com',
    'not a uri',
  ])(
    'never redirects to the unregistered %s (RFC 6749, section 3.1.2.4)',
    async (uri) => {
      const url = client.authorizationUrl({ redirect_uri: uri });
      const response = await fetch(url, { redirect: 'manual' });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.json()).toMatchObject({
        error: 'invalid_redirect_uri',
      });
    },
  );

  it('takes any port of a loopback redirect URI (RFC 8252, section 7.3)', async () => {
    const uri = 'http://127.0.0.1:50123/client-callback';
    const page = await browser.open(
      client.authorizationUrl({ redirect_uri: uri }),
    );
    const end = await agree(browser, page);
    expect(end.url.host).toBe('127.0.0.1:50123');
    expect(end.url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
    ['no redirect URI', { redirect_uri: undefined }],
    [
      'a client document at a private address',
      { client_id: 'https://127.0.0.1/client.json' },
    ],
  ])(
    'never redirects for %s (RFC 6749, section 4.1.2.1)',
    async (_, parameters) => {
      const response = await fetch(client.authorizationUrl(parameters), {
        redirect: 'manual',
      });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    },
  );

  it.each([
    ['invalid_request', { code_challenge: undefined }],
    ['unsupported_response_type', { response_type: 'token' }],
    ['invalid_target', { resource: 'https://other.example/mcp' }],
    ['invalid_target', { resource: '/mcp' }],
    ['invalid_scope', { client_id: 'reader', scope: 'notes:write' }],
    ['invalid_request', { max_age: '60' }],
    ['login_required', { prompt: 'none' }],
  ])(
    'says %s with the state and exactly one issuer (RFC 9207)',
    async (error, parameters) => {
      const url = await redirectOf({ ...parameters, state: 'a b&c=d/é%20' });
      // For response_type=token the answer is in the fragment.
      const answer = new URLSearchParams(url.search || url.hash.slice(1));
      expect(answer.getAll('error')).toEqual([error]);
      expect(answer.getAll('state')).toEqual(['a b&c=d/é%20']);
      expect(answer.getAll('iss')).toEqual([server.issuer]);
      expect(url.href.startsWith(`${REDIRECT}?`) || url.hash !== '').toBe(true);
    },
  );

  it('sends the code with the state and the issuer, byte for byte that of the metadata (RFC 9207)', async () => {
    const page = await browser.open(
      client.authorizationUrl({ state: 'ü+%2B "<' }),
    );
    const end = await agree(browser, page);
    const metadata = (await (
      await fetch(`${server.issuer}/.well-known/oauth-authorization-server`)
    ).json()) as { issuer: string };
    expect(end.url.searchParams.getAll('iss')).toEqual([metadata.issuer]);
    expect(end.url.searchParams.getAll('state')).toEqual(['ü+%2B "<']);
    expect(end.url.searchParams.getAll('code')).toHaveLength(1);
    expect(end.url.hash).toBe('');
  });

  it('escapes what comes from the request in its pages', async () => {
    const attack = '"><script>alert(1)</script>';
    await client.register({ client_name: attack, redirect_uris: [REDIRECT] });
    const login = await browser.open(client.authorizationUrl());
    expect(login.html).toContain('&gt;&lt;script&gt;');
    expect(login.html).not.toContain('<script');
    for (const parameters of [
      { client_id: attack },
      { redirect_uri: `http://127.0.0.1:7777/${attack}` },
      { response_mode: attack, redirect_uri: attack },
    ]) {
      const page = await browser.open(client.authorizationUrl(parameters));
      expect(page.status).toBe(400);
      expect(page.html).not.toContain('<script');
    }
  });

  it('denies frames, scripts and caching on every page', async () => {
    const login = await browser.open(client.authorizationUrl());
    const failed = await browser.open(
      client.authorizationUrl({ client_id: 'nobody' }),
    );
    const lost = await new PageBrowser().open(login.url);
    for (const { headers } of [login, failed, lost]) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toContain('no-store');
    }
  });

  it.each([
    ['application/json', 'application/json'],
    ['*/*', 'application/json'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'text/html'],
  ])('answers an error to Accept: %s as %s', async (accept, type) => {
    const response = await fetch(
      client.authorizationUrl({ client_id: 'nobody' }),
      { headers: { accept }, redirect: 'manual' },
    );
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('cache-control')).toContain('no-store');
    const text = await response.text();
    expect(text).toContain('invalid_client');
    expect(text).not.toMatch(/node_modules|\bat \w+ \(/);
  });

  it('leaves scopes out that a client may not have, and refuses when none is left (RFC 6749, section 3.3)', async () => {
    client.clientId = 'reader';
    const code = await client.logIn(browser, {
      scope: 'notes:write notes:read openid',
    });
    const tokens = await (await client.token({ code })).json();
    expect(tokens).toMatchObject({ scope: 'notes:read' });
    const url = await redirectOf({
      client_id: 'reader',
      scope: 'notes:write',
    });
    expect(url.searchParams.get('error')).toBe('invalid_scope');
  });

  it.each([
    'openid',
    'openid profile email offline_access',
    '',
    'claudeai',
    'admin openid',
  ])(
    'gives the default scopes to a request for "%s", which opens nothing here (RFC 6749, section 3.3)',
    async (scope) => {
      const code = await client.logIn(browser, { scope });
      const tokens = await (await client.token({ code })).json();
      expect(tokens).toMatchObject({ scope: 'notes:read notes:write' });
      expect(tokens).not.toHaveProperty('id_token');
    },
  );

  it.each([
    [{ prompt: 'create' }, 'name="decision"'],
    [
      { nonce: 'n', acr_values: 'gold', claims_locales: 'de' },
      'name="decision"',
    ],
    [{ prompt: 'login' }, 'name="password"'],
    [{ prompt: 'select_account' }, 'name="password"'],
    [{ prompt: 'select_account consent' }, 'name="password"'],
  ])(
    'takes of %j what there is here, for somebody who has logged in',
    async (parameters, expected) => {
      await client.logIn(browser);
      const page = await browser.open(client.authorizationUrl(parameters));
      expect([page.status, page.html]).toEqual([
        200,
        expect.stringContaining(expected),
      ]);
      const end = await agree(browser, page);
      expect(end.url.searchParams.has('code')).toBe(true);
    },
  );

  it('issues nothing for parameters that are given twice', async () => {
    for (const name of ['client_id', 'redirect_uri', 'scope', 'state']) {
      const url = client.authorizationUrl({ scope: 'notes:read' });
      url.searchParams.append(name, url.searchParams.get(name) ?? '');
      const response = await fetch(url, { redirect: 'manual' });
      const location = response.headers.get('location') ?? '';
      expect(location).not.toContain('/oauth/interaction/');
      expect(location + (await response.text())).toContain('invalid_request');
    }
  });

  it('takes no URL from Host, from forwarded headers or from an absolute target', async () => {
    const { pathname, search, port } = {
      ...pick(client.authorizationUrl()),
      port: new URL(server.issuer).port,
    };
    const headers = {
      host: 'evil.com',
      'x-forwarded-host': 'evil.com',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.com',
      accept: 'text/html',
    };
    const path = '/.well-known/oauth-authorization-server';
    const seen = [
      await sendRaw(`${server.issuer}${path}`, { method: 'GET', headers }),
      await sendRaw(`${server.issuer}${pathname}${search}`, {
        method: 'GET',
        headers,
      }),
    ];
    for (const { status, text, values } of seen) {
      expect([200, 303]).toContain(status);
      const all = [text, ...values('location'), ...values('set-cookie')];
      expect(all.join(' ')).not.toContain('evil.com');
    }
    const absolute = await sendWire(server.issuer, {
      target: `http://evil.com:${port}${path}`,
      headers,
    });
    expect(absolute.text).not.toContain('evil.com');
  });

  it('knows no other path, and says so in JSON under its own', async () => {
    for (const path of [
      '/oauth',
      '/oauth/',
      '/oauth/nothing',
      '/oauth/register/some-client',
      '/oauth/token/',
    ]) {
      expect((await fetch(`${server.issuer}${path}`)).status).toBe(404);
    }
    const response = await fetch(`${server.issuer}/oauth/token`);
    expect(response.status).toBe(404);
    expect(await response.json()).toHaveProperty('error', 'invalid_request');
  });

  it('answers HEAD like GET, and preflights where programs call', async () => {
    const path = '/.well-known/oauth-authorization-server';
    const head = await fetch(`${server.issuer}${path}`, { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-type')).toContain('application/json');
    for (const endpoint of [
      'token',
      'register',
      'revoke',
      'introspect',
      'jwks',
    ]) {
      const response = await fetch(`${server.issuer}/oauth/${endpoint}`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example',
          'access-control-request-method': endpoint === 'jwks' ? 'GET' : 'POST',
          'access-control-request-headers': 'content-type',
        },
      });
      expect(response.status).toBe(204);
      expect(['*', 'https://app.example']).toContain(
        response.headers.get('access-control-allow-origin'),
      );
      expect(response.headers.has('access-control-allow-credentials')).toBe(
        false,
      );
    }
  });
});

function pick({ pathname, search }: URL): { pathname: string; search: string } {
  return { pathname, search };
}
