import { MAIN_TWO } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';

const OTHER = 'https://other.example/client-callback';

/** Requests that cannot be granted, and what is said of them. */
const ERRORS: readonly (readonly [
  error: string,
  parameters: Record<string, string | undefined>,
])[] = [
  ['invalid_request', { code_challenge: undefined }],
  ['unsupported_response_type', { response_type: 'token' }],
  ['invalid_target', { resource: 'https://other.example/mcp' }],
  ['invalid_request', { max_age: 'soon' }],
  ['request_not_supported', { request: 'e30.e30.' }],
  ['request_uri_not_supported', { request_uri: 'urn:x:y' }],
  ['invalid_request', { code_challenge: undefined, response_mode: 'fragment' }],
  [
    'invalid_request',
    { code_challenge: undefined, response_mode: 'form_post' },
  ],
  ['login_required', { prompt: 'none' }],
  ['login_required', { prompt: 'none', response_mode: 'form_post' }],
];

const WRONG = { resource: 'https://other.example/mcp' };

describe.each(MAIN_TWO)('errors of authorization requests on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let browser: PageBrowser;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
  });
  beforeEach(async () => {
    browser = new PageBrowser();
    client = new HandClient(
      server.issuer,
      server.endpoint,
      'https://app.example/client-callback',
    );
    await client.register({ redirect_uris: [client.redirectUri, OTHER] });
  });
  afterAll(() => server?.close());

  async function expectHeld(
    error: string,
    parameters: Record<string, string | undefined>,
    by = browser,
  ): Promise<void> {
    const page = await by.open(client.authorizationUrl(parameters), {
      accept: 'text/html',
    });
    expect([page.status, page.url.origin]).toEqual([400, server.issuer]);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('location')).toBeNull();
    expect(page.headers.get('refresh')).toBeNull();
    expect(page.html).toContain('This login cannot go on');
    expect(page.html).toContain(`(${error})`);
    expect(page.html).not.toMatch(/<form|<script|<a /);
    expect(page.html).not.toContain('app.example');
    expect(page.html).not.toContain('state-of-client');
  }

  async function expectSent(
    error: string,
    parameters: Record<string, string | undefined>,
  ): Promise<void> {
    const { status, url } = await browser.open(
      client.authorizationUrl(parameters),
    );
    expect(status).toBe(0);
    expect(url.searchParams.getAll('error')).toEqual([error]);
    expect(url.searchParams.getAll('state')).toEqual(['state-of-client']);
    expect(url.searchParams.getAll('iss')).toEqual([server.issuer]);
  }

  it.each(ERRORS)(
    'say %s on a page to somebody who never agreed to a client that registered itself (RFC 9700, section 4.11.2): %j',
    expectHeld,
  );

  it('say so to programs in JSON', async () => {
    const url = client.authorizationUrl(WRONG);
    const response = await fetch(url, { redirect: 'manual' });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
    expect(await response.json()).toMatchObject({ error: 'invalid_target' });
  });

  it('are held for somebody who has logged in, and not agreed', async () => {
    const login = await browser.open(client.authorizationUrl());
    await browser.submit(login, { username: 'ada', password: 'secret' });
    // They have agreed to another client.
    const trusted = new HandClient(server.issuer, server.endpoint);
    await trusted.register({ client_name: 'Another' });
    await agree(browser, await browser.open(trusted.authorizationUrl()));
    await expectHeld('invalid_target', WRONG);
    await expectHeld('consent_required', { prompt: 'none' });
  });

  it('go to the client when the person declines', async () => {
    const login = await browser.open(client.authorizationUrl());
    const page = await browser.submit(login, {
      username: 'ada',
      password: 'secret',
    });
    const { status, url } = await browser.submit(page, { decision: 'deny' });
    expect(status).toBe(0);
    expect(url.searchParams.get('error')).toBe('access_denied');
    // That was no consent.
    await expectHeld('invalid_target', WRONG);
  });

  describe('after the person has agreed', () => {
    beforeEach(async () => {
      await client.logIn(browser);
    });

    it('go to the client', async () => {
      await expectSent('invalid_target', WRONG);
      await expectSent('consent_required', { prompt: 'none' });
      const form = await browser.open(
        client.authorizationUrl({ ...WRONG, response_mode: 'form_post' }),
      );
      expect(form.html).toContain(`action="${client.redirectUri}"`);
    });

    it('are held for another address of the client', async () => {
      await expectHeld('invalid_target', {
        ...WRONG,
        redirect_uri: OTHER,
      });
    });

    it('are held in a browser that nobody is logged in to', async () => {
      await expectHeld('invalid_target', WRONG, new PageBrowser());
    });

    it('are held for another person', async () => {
      const other = new PageBrowser();
      const login = await other.open(client.authorizationUrl());
      await other.submit(login, { username: 'bob', password: 'secret' });
      await expectHeld('invalid_target', WRONG, other);
    });
  });
});
