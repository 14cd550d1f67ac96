import { request } from 'node:http';
import { ADAPTERS } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { PageBrowser } from '../support/page-browser.js';

const REDIRECT = 'http://127.0.0.1:7777/client-callback';
const DAY = 24 * 60 * 60;

describe.each(ADAPTERS)('registration on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
  });
  beforeEach(() => {
    client = new HandClient(server.issuer, server.endpoint);
  });
  afterEach(() => releaseTime());
  afterAll(() => server?.close());

  it('answers 201 with what was registered, uncached (RFC 7591, section 3.2.1)', async () => {
    const answer = await client.register();
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toMatchObject({
      client_id: expect.any(String),
      client_id_issued_at: expect.any(Number),
      client_name: 'Hand client',
      redirect_uris: [REDIRECT],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    });
  });

  it.each([
    'javascript:alert(1)',
    'JavaScript://127.0.0.1/%0aalert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'http://example.com/callback',
    'http://10.0.0.1/callback',
    'http://127.0.0.1.evil.com/callback',
    'http://localhost.evil.com/callback',
    'http://localhost@evil.com/callback',
    'https://user:password@example.com/callback',
    'http://127.0.0.1/a/../b',
    'http://127.0.0.1/a/%2e%2E/b',
    'https://example.com/callback#fragment',
    'https://example.com\\@evil.com/',
    'app:/callback',
    'no uri',
    '',
    7,
  ])(
    'does not register the redirect URI %j, and registers the one beside it (RFC 7591, section 3.2.1)',
    async (uri) => {
      const alone = await client.register({ redirect_uris: [uri] });
      expect(alone.status).toBe(400);
      expect(await alone.json()).toHaveProperty(
        'error',
        'invalid_redirect_uri',
      );
      const beside = await client.register({ redirect_uris: [uri, REDIRECT] });
      // A number is no mistake of a client that could be narrowed.
      expect(beside.status).toBe(typeof uri === 'string' ? 201 : 400);
      if (beside.status === 201) {
        expect(await beside.json()).toHaveProperty('redirect_uris', [REDIRECT]);
      }
    },
  );

  it('names the redirect URIs that it refuses, and the option that admits them', async () => {
    const answer = await client.register({
      redirect_uris: ['windsurf://oauth/callback', 'http://a.example/"\\é'],
    });
    expect(answer.status).toBe(400);
    const { error_description: text } = (await answer.json()) as {
      error_description: string;
    };
    expect(text).toContain('windsurf://oauth/callback');
    expect(text).toContain('authorizationServer.registration.redirectUris');
    // RFC 6749, section 5.2.
    expect(text).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]+$/);
  });

  const CURSOR = 'cursor://anysphere.cursor-mcp/oauth/callback';

  it.each<[string, object, object]>([
    [
      'scopes of habit',
      { scope: 'openid email profile' },
      { scope: undefined },
    ],
    ['a scope that nobody has', { scope: 'claudeai' }, { scope: undefined }],
    [
      'a scheme of its own as a web client',
      { application_type: 'web', redirect_uris: [CURSOR] },
      { application_type: 'native', redirect_uris: [CURSOR] },
    ],
    [
      'an unknown kind of application',
      { application_type: 'browser' },
      { application_type: 'native' },
    ],
    [
      'a web client, which it is',
      { application_type: 'web', redirect_uris: ['https://app.example/cb'] },
      { application_type: 'web' },
    ],
    [
      'unset members as null and empty',
      {
        scope: '',
        client_uri: '',
        logo_uri: null,
        contacts: null,
        jwks_uri: '',
        software_id: null,
        client_name: null,
        grant_types: [],
        response_types: '',
        application_type: null,
      },
      {
        client_name: 'MCP client',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    [
      'grant types there are not',
      {
        grant_types: [
          'authorization_code',
          'refresh_token',
          'urn:ietf:params:oauth:grant-type:device_code',
          'implicit',
          'client_credentials',
        ],
      },
      { grant_types: ['authorization_code', 'refresh_token'] },
    ],
    [
      'response types there are not',
      { response_types: ['code', 'code id_token', 'token'] },
      { response_types: ['code'] },
    ],
    [
      'response modes there are not',
      { response_modes: ['query', 'web_message'] },
      { response_modes: ['query'] },
    ],
    [
      'what only ID tokens have',
      {
        id_token_signed_response_alg: 'RS256',
        subject_type: 'pairwise',
        default_max_age: 60,
        require_auth_time: true,
        default_acr_values: ['gold'],
      },
      { default_max_age: undefined },
    ],
    [
      'pages that are none',
      { client_uri: 'n/a', tos_uri: 'javascript:alert(1)' },
      { client_uri: undefined, tos_uri: undefined },
    ],
  ])(
    'registers %s as far as it goes, and says so (RFC 7591, section 3.2.1)',
    async (_, metadata, registered) => {
      const answer = await client.register(metadata);
      const body = (await answer.json()) as Record<string, unknown>;
      expect([answer.status, body]).toEqual([201, expect.anything()]);
      for (const [name, value] of Object.entries(registered)) {
        expect([name, body[name]]).toEqual([name, value]);
      }
      expect(JSON.stringify(body)).not.toContain('secret');
      const [redirect_uri] = body['redirect_uris'] as string[];
      const page = await new PageBrowser().open(
        client.authorizationUrl({ redirect_uri }),
      );
      expect([page.status, page.html]).toEqual([
        200,
        expect.stringContaining('name="password"'),
      ]);
    },
  );

  it.each([
    ['no redirect URI', { redirect_uris: [] }],
    ['redirect URIs that are no list', { redirect_uris: REDIRECT }],
    [
      'the implicit grant',
      { grant_types: ['implicit'], response_types: ['token'] },
    ],
    ['the password grant', { grant_types: ['password'] }],
    ['client credentials', { grant_types: ['client_credentials'] }],
    [
      'signatures without keys',
      { token_endpoint_auth_method: 'private_key_jwt' },
    ],
    [
      'an unknown way of identifying itself',
      { token_endpoint_auth_method: 'tls' },
    ],
    ['a name that is no text', { client_name: { toString: 'x' } }],
  ])('does not register %s (RFC 7591, section 3.2.2)', async (_, metadata) => {
    const answer = await client.register(metadata);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toHaveProperty(
      'error',
      expect.stringMatching(/^invalid_(client_metadata|redirect_uri)$/),
    );
  });

  it.each(['[]', 'null', '"text"', '{', ''])(
    'does not register the body %s',
    async (body) => {
      const answer = await fetch(`${server.issuer}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty('error');
    },
  );

  it('gives a public client no secret, whatever it sends', async () => {
    const answer = await client.register({
      client_secret: 'chosen',
      client_secret_expires_at: 1,
    });
    const body = (await answer.json()) as object;
    expect(body).not.toHaveProperty('client_secret');
    expect(body).not.toHaveProperty('client_secret_expires_at');
  });

  it('leaves out what it does not know, and chooses ids and secrets itself', async () => {
    const hostile = JSON.parse(
      `{"redirect_uris": ["${REDIRECT}"], "client_id": "mine", "client_secret": "mine",
        "client_id_issued_at": 1,
        "registration_access_token": "mine", "admin": true, "request_uris": ["http://127.0.0.1/"],
        "userinfo_signed_response_alg": "none", "token_endpoint_auth_method": "client_secret_basic"}`,
    ) as object;
    const answer = await client.register(hostile);
    expect(answer.status).toBe(201);
    const body = (await answer.json()) as Record<string, unknown>;
    expect(Object.values(body)).not.toContain('mine');
    for (const name of ['admin', 'registration_access_token', 'request_uris']) {
      expect(Object.keys(body)).not.toContain(name);
    }
    expect(String(body['client_secret']).length).toBeGreaterThanOrEqual(32);
    expect(body['client_secret_expires_at']).toBe(0);
  });

  it('takes no member from the prototype of a body', async () => {
    const answer = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"__proto__": {"client_secret": "mine", "client_name": "mine"},
        "constructor": {"prototype": {"client_name": "mine"}},
        "redirect_uris": ["${REDIRECT}"], "token_endpoint_auth_method": "none"}`,
    });
    expect(await answer.text()).not.toContain('mine');
  });

  it('gives the same public client the same id, and each confidential one its own', async () => {
    const first = await client.register({ a: 1, b: 2 });
    const again = await client.register({ b: 2, a: 1 });
    const other = await client.register({ client_name: 'Another' });
    const [a, b, c] = await Promise.all(
      [first, again, other].map(async (answer) => {
        return ((await answer.json()) as { client_id: string }).client_id;
      }),
    );
    expect(b).toBe(a);
    expect(c).not.toBe(a);
    const secrets = await Promise.all(
      [1, 2].map(async () => {
        const answer = await client.register({
          token_endpoint_auth_method: 'client_secret_post',
        });
        return (await answer.json()) as Record<string, string>;
      }),
    );
    expect(secrets[0]?.['client_id']).not.toBe(secrets[1]?.['client_id']);
    expect(secrets[0]?.['client_secret']).not.toBe(
      secrets[1]?.['client_secret'],
    );
  });

  it('forgets a client that nobody has logged in with, and keeps one that somebody has', async () => {
    freezeTime(Date.now());
    const unused = new HandClient(server.issuer, server.endpoint);
    await unused.register({ client_name: 'Unused' });
    const code = await client.logIn(new PageBrowser());
    expect((await client.token({ code })).status).toBe(200);
    passSeconds(2 * DAY);
    const status = async ({ clientId }: HandClient): Promise<number> =>
      (
        await fetch(client.authorizationUrl({ client_id: clientId }), {
          redirect: 'manual',
        })
      ).status;
    expect(await status(unused)).toBe(400);
    expect(await status(client)).toBe(303);
  });

  it.each([
    ['with a length', false],
    ['in chunks', true],
  ])(
    'refuses a body of 80 KB %s with 413, readable by browser clients',
    async (_, chunked) => {
      for (const path of ['/oauth/register', '/oauth/token']) {
        const answer = await sendLarge(`${server.issuer}${path}`, chunked);
        expect(answer).toMatchObject({
          status: 413,
          origin: '*',
          body: { error: 'invalid_request' },
        });
      }
    },
  );

  it('never fetches the document of a client at an address that is not public', async () => {
    const browser = new PageBrowser();
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '10.0.0.1',
      '169.254.169.254',
      '[::ffff:127.0.0.1]',
      '2130706433',
    ]) {
      const page = await browser.open(
        client.authorizationUrl({ client_id: `https://${host}/client.json` }),
      );
      expect(page.status).toBe(400);
      expect(page.html).not.toMatch(/ECONN|address|private|node_modules/);
    }
    expect(server.logger.of('error')).toEqual([]);
  });
});

interface LargeAnswer {
  readonly status: number | undefined;
  readonly origin: string | undefined;
  readonly body: unknown;
}

/** Sends JSON of 80 KB. */
function sendLarge(url: string, chunked: boolean): Promise<LargeAnswer> {
  const text = JSON.stringify({ client_name: 'x'.repeat(80 * 1024) });
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(chunked
            ? { 'transfer-encoding': 'chunked' }
            : { 'content-length': String(text.length) }),
        },
        agent: false,
      },
      (response) => {
        let answer = '';
        response.on('data', (chunk: Buffer) => (answer += chunk.toString()));
        response.on('end', () =>
          resolve({
            status: response.statusCode,
            origin: response.headers['access-control-allow-origin'],
            body: JSON.parse(answer) as unknown,
          }),
        );
      },
    );
    outgoing.on('error', reject);
    for (let start = 0; start < text.length; start += 16_384) {
      outgoing.write(text.slice(start, start + 16_384));
    }
    outgoing.end();
  });
}
