import { jest } from '@jest/globals';
import type { AuthorizationServerOptions } from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import {
  type FakeUpstream,
  startFakeUpstream,
} from '../support/fake-upstream.js';
import { rpc, type RpcAnswer } from '../support/json-rpc.js';
import type { Reply } from '../support/loopback-server.js';
import { muteProvider } from '../support/mute-provider.js';
import { type Page, PageBrowser } from '../support/page-browser.js';
import { UpstreamLogin, upstreamTokenOf } from '../support/upstream-login.js';

/** Milliseconds that a request to the provider may take. */
const TIMEOUT = 400;
const DISCOVERY = '/.well-known/openid-configuration';
const TEN_MEGABYTES = 10 * 2 ** 20;

/** What a provider in trouble answers. */
const TROUBLE: readonly (readonly [string, Reply])[] = [
  ['down', 'drop'],
  ['slow', 'hang'],
  ['answering 500', { status: 500, text: 'Internal Server Error' }],
  ['answering garbage', { text: '<html>Under construction</html>' }],
  [
    'answering 10 MB',
    {
      headers: { 'content-type': 'application/json' },
      text: JSON.stringify({ issuer: 'x'.repeat(TEN_MEGABYTES) }),
    },
  ],
];

describe.each(MAIN_TWO)('login at an identity provider, on %s', (adapter) => {
  let upstream: FakeUpstream;
  let server: Issuing;
  let client: HandClient;

  beforeAll(muteProvider);
  afterAll(() => jest.restoreAllMocks());
  beforeEach(async () => {
    upstream = await startFakeUpstream();
    server = await boot();
    client = new HandClient(server.issuer, server.endpoint);
  });
  afterEach(async () => {
    await server?.close();
    await upstream.close();
  });

  const boot = (options: AuthorizationServerOptions = {}): Promise<Issuing> =>
    bootIssuing(adapter, {
      upstream: {
        issuer: upstream.issuer,
        clientId: 'atlas',
        clientSecret: 'upstream-secret',
        timeout: TIMEOUT,
      },
      ...options,
    });

  /** The page that a login ends at which cannot go on. */
  function expectEnd(page: Page, status: number, message: string): void {
    expect([page.status, page.url.origin]).toEqual([status, server.issuer]);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.html).toContain('This login cannot go on');
    expect(page.html).toContain(message);
    expect(page.headers.get('retry-after')).toBe(status === 503 ? '30' : null);
    if (status === 403) {
      // Anybody can send junk, which is no fault of the server.
      expect(server.logger.of('error')).toEqual([]);
      expect(server.logger.of('warn').join()).not.toMatch(/refused: /);
    }
  }
  /** The client is told, with its state and one issuer (RFC 9207), and nothing is logged as an error. */
  function expectTold(page: Page, error: string): void {
    expect([page.status, page.url.pathname]).toEqual([0, '/client-callback']);
    expect(Object.fromEntries(page.url.searchParams)).toEqual({
      error,
      error_description: expect.any(String),
      state: 'state-of-client',
      iss: server.issuer,
    });
    expect(page.url.searchParams.getAll('iss')).toHaveLength(1);
    expect(server.logger.of('error')).toEqual([]);
  }

  const NOT_ACCEPTED = 'The login at the identity provider was not accepted.';
  const NOT_REACHED = 'The identity provider cannot be reached at the moment.';

  it('ends at the client, with a code that is redeemed once', async () => {
    const login = await UpstreamLogin.begin(upstream, client);
    expect(Object.fromEntries(login.asked.searchParams)).toEqual({
      client_id: 'atlas',
      response_type: 'code',
      redirect_uri: `${server.issuer}/oauth/callback`,
      scope: 'openid',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(login.state).not.toBe('state-of-client');
    await login.issue();
    const end = await login.comeBack();
    expect(end.status).toBe(0);
    expect(end.url.searchParams.get('state')).toBe('state-of-client');
    const code = end.url.searchParams.get('code') ?? '';
    expect(code).not.toBe('upstream-code');
    expect((await client.token({ code })).status).toBe(200);
    expect(await upstreamTokenOf(server, 'ada')).toBe('upstream-token');
  });

  it('sends nobody there who does not agree to the client', async () => {
    await client.register();
    const browser = new PageBrowser();
    const page = await browser.open(client.authorizationUrl());
    const before = upstream.requests.length;
    const end = await browser.submit(page, { decision: 'deny' });
    expect(end.status).toBe(0);
    expect(end.url.searchParams.get('error')).toBe('access_denied');
    expect(end.url.searchParams.get('iss')).toBe(server.issuer);
    expect(upstream.requests).toHaveLength(before);
  });

  describe('refuses, and asks the provider nothing,', () => {
    let login: UpstreamLogin;

    beforeEach(async () => {
      login = await UpstreamLogin.begin(upstream, client);
      await login.issue();
    });
    afterEach(async () => {
      expect(upstream.count('/token')).toBe(0);
      expect(await upstreamTokenOf(server, 'ada')).toBeNull();
    });

    it.each([
      ['that never saw a page', async () => new PageBrowser()],
      [
        'that has a login of its own under way',
        async () => (await UpstreamLogin.begin(upstream, client)).browser,
      ],
    ])('a browser %s, and the login is over', async (_name, makeBrowser) => {
      const second = await makeBrowser();
      expectEnd(await login.comeBack({}, second), 403, NOT_ACCEPTED);
      // The code that came with the state may be known to others.
      expectEnd(await login.comeBack(), 403, NOT_ACCEPTED);
    });

    it('the state of a login in another browser', async () => {
      const other = await UpstreamLogin.begin(upstream, client);
      const page = await login.comeBack({ state: other.state });
      expectEnd(page, 403, NOT_ACCEPTED);
    });

    it.each([
      ['unknown', 'A'.repeat(43)],
      ['that of the client', 'state-of-client'],
      ['empty', ''],
    ])('a state that is %s', async (_name, state) => {
      expectEnd(await login.comeBack({ state }), 403, NOT_ACCEPTED);
    });

    it('two states, or none', async () => {
      const twice = login.callback();
      twice.searchParams.append('state', login.state);
      expectEnd(await login.browser.open(twice), 403, NOT_ACCEPTED);
      const without = login.callback();
      without.searchParams.delete('state');
      expectEnd(await login.browser.open(without), 403, NOT_ACCEPTED);
    });

    it('what another provider sent (RFC 9207)', async () => {
      const page = await login.comeBack({ iss: 'https://evil.example.com' });
      expectTold(page, 'access_denied');
    });

    it.each([
      ['access_denied', 'access_denied'],
      ['login_required', 'access_denied'],
      ['user_cancelled_login', 'access_denied'],
      ['server_error', 'server_error'],
      ['unauthorized_client', 'server_error'],
      ['invalid_scope', 'server_error'],
      ['temporarily_unavailable', 'temporarily_unavailable'],
      ['<script>', 'access_denied'],
    ])(
      'an answer of %s, and tells the client %s in words of its own',
      async (error, told) => {
        const page = await login.comeBack({
          code: '',
          error,
          error_description: 'Call <b>0900 1234</b>',
        });
        expectTold(page, told);
        expect(page.url.href).not.toContain('0900');
        // It is over.
        expectEnd(await login.comeBack(), 403, NOT_ACCEPTED);
      },
    );

    it('a callback that is posted', async () => {
      const response = await fetch(login.callback(), { method: 'POST' });
      expect(response.status).toBe(403);
    });
  });

  it('refuses a callback that is replayed', async () => {
    const login = await UpstreamLogin.begin(upstream, client);
    await login.issue();
    expect((await login.comeBack()).status).toBe(0);
    expectEnd(await login.comeBack(), 403, NOT_ACCEPTED);
    expect(upstream.count('/token')).toBe(1);
  });

  it('lets one of two callbacks at once through', async () => {
    const login = await UpstreamLogin.begin(upstream, client);
    await login.issue();
    const pages = await Promise.all([login.comeBack(), login.comeBack()]);
    const statuses = pages.map(({ status }) => status);
    expect(statuses.sort((a, b) => a - b)).toEqual([0, 403]);
    expect(upstream.count('/token')).toBe(1);
  });

  it.each([
    ['a nonce of another login', { nonce: 'nonce' }],
    ['another audience', { aud: 'another-client' }],
    ['another issuer', { iss: 'https://evil.example.com' }],
    ['an end in the past', { exp: 1 }],
    ['nobody', { sub: undefined }],
  ])('refuses an ID token with %s', async (_name, claims) => {
    const login = await UpstreamLogin.begin(upstream, client);
    await login.issue(claims);
    expectTold(await login.comeBack(), 'access_denied');
    expect(await upstreamTokenOf(server, 'ada')).toBeNull();
  });

  it('refuses a code that the provider refuses', async () => {
    const login = await UpstreamLogin.begin(upstream, client);
    upstream.routes.set('/token', {
      status: 400,
      headers: { 'content-type': 'application/json' },
      json: { error: 'invalid_grant', error_description: 'secret detail' },
    });
    const page = await login.comeBack();
    expectTold(page, 'access_denied');
    expect(page.url.href).not.toContain('secret');
  });

  describe.each(TROUBLE)('with the provider %s', (_name, reply) => {
    it('tells the client when a code is to be redeemed', async () => {
      const login = await UpstreamLogin.begin(upstream, client);
      upstream.routes.set('/token', reply);
      const started = Date.now();
      expectTold(await login.comeBack(), 'temporarily_unavailable');
      expect(Date.now() - started).toBeLessThan(TIMEOUT + 2000);
      // And the next login works again.
      const next = await UpstreamLogin.begin(upstream, client);
      await next.issue();
      expect((await next.comeBack()).status).toBe(0);
    });

    it('tells the client when its keys are needed', async () => {
      const login = await UpstreamLogin.begin(upstream, client);
      await login.issue();
      upstream.routes.set('/jwks', reply);
      const started = Date.now();
      expectTold(await login.comeBack(), 'temporarily_unavailable');
      expect(Date.now() - started).toBeLessThan(TIMEOUT + 2000);
    });
  });

  it('has the person log in there again once its tokens cannot be renewed', async () => {
    await server.close();
    server = await boot({ forwardUpstreamToken: true });
    client = new HandClient(server.issuer, server.endpoint);
    const login = await UpstreamLogin.begin(upstream, client);
    await login.issue(
      {},
      { expires_in: 30, refresh_token: 'upstream-refresh' },
    );
    const end = await login.comeBack();
    const answer = await client.token({
      code: end.url.searchParams.get('code') ?? '',
    });
    const ours = (await answer.json()) as Record<string, string>;
    upstream.routes.set('/token', {
      status: 400,
      headers: { 'content-type': 'application/json' },
      json: { error: 'invalid_grant' },
    });
    const call = (token = ''): Promise<RpcAnswer> =>
      rpc(
        server.endpoint,
        'modern',
        'tools/call',
        { name: 'notes_read', arguments: {} },
        { headers: { authorization: `Bearer ${token}` } },
      );
    expect((await call(ours['access_token'])).status).toBe(401);
    // A new token of ours would be refused in the same way.
    const renewal = await client.token({
      refresh_token: ours['refresh_token'],
    });
    expect(await renewal.json()).toMatchObject({ error: 'invalid_grant' });
    // The session of the browser is not enough.
    const again = await UpstreamLogin.begin(upstream, client, login.browser);
    await again.issue();
    const code = (await again.comeBack()).url.searchParams.get('code') ?? '';
    const fresh = (await (await client.token({ code })).json()) as {
      access_token: string;
    };
    expect((await call(fresh.access_token)).status).toBe(200);
  });

  it.each(TROUBLE.filter(([, reply]) => reply !== TROUBLE[3]?.[1]))(
    'starts with the provider %s, and tells the person who comes',
    async (_name, reply) => {
      await server.close();
      upstream.routes.set(DISCOVERY, reply);
      const started = Date.now();
      server = await boot();
      client = new HandClient(server.issuer, server.endpoint);
      expectEnd(await UpstreamLogin.consent(client), 503, NOT_REACHED);
      // One attempt at start-up, and perhaps another for the person.
      expect(Date.now() - started).toBeLessThan(2 * TIMEOUT + 3000);
    },
  );

  it.each([
    ['garbage', { text: '<html>Under construction</html>' }],
    ['metadata of another', { json: { issuer: 'https://evil.example.com' } }],
  ] satisfies [string, Reply][])(
    'does not start where the issuer is no provider, but answers %s',
    async (_name, reply) => {
      upstream.routes.set(DISCOVERY, reply);
      await expect(boot()).rejects.toThrow(
        `authorizationServer.upstream: issuer "${upstream.issuer}" cannot log people in.`,
      );
    },
  );
});
