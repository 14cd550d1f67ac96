import { decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ADAPTERS } from '../support/adapters.js';
import { tryTool } from '../support/auth-calls.js';
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
const SECRET = 'robot-secret-of-32-characters-xx';

describe.each(ADAPTERS)('the token endpoint on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let code: string;

  beforeAll(async () => {
    server = await bootIssuing(adapter, {
      clients: [
        {
          clientId: 'robot',
          clientSecret: SECRET,
          grantTypes: ['client_credentials'],
          scopes: ['notes:read'],
        },
        { clientId: 'public', redirectUris: [REDIRECT] },
      ],
    });
  });
  beforeEach(async () => {
    client = new HandClient(server.issuer, server.endpoint);
    await client.register();
    code = await client.logIn(new PageBrowser());
  });
  afterEach(() => releaseTime());
  afterAll(() => server?.close());

  it.each([
    ['a wrong verifier', { code_verifier: 'x'.repeat(43) }],
    ['the challenge as verifier', { code_verifier: 'challenge' }],
    ['no verifier', { code_verifier: undefined }],
  ])('refuses a code with %s (RFC 7636, section 4.6)', async (_, change) => {
    const challenge = client
      .authorizationUrl()
      .searchParams.get('code_challenge');
    const parameters =
      change.code_verifier === 'challenge'
        ? { code_verifier: challenge ?? '' }
        : change;
    await refused(client.token({ code, ...parameters }), 400, 'invalid_grant');
  });

  it('refuses a code the second time, and all that came of it (RFC 6749, section 4.1.2)', async () => {
    const tokens = await issued(client.token({ code }));
    expect(await readNotes(tokens)).toBe(200);
    await refused(client.token({ code }), 400, 'invalid_grant');
    expect(await readNotes(tokens)).toBe(401);
    await refused(
      client.token({ refresh_token: tokens.refresh_token }),
      400,
      'invalid_grant',
    );
  });

  it('tells a client nothing of a code of another (RFC 6749, section 5.2)', async () => {
    const other = new HandClient(server.issuer, server.endpoint);
    await other.register({ client_name: 'Another' });
    const stolen = await other.token({
      code,
      code_verifier: client.verifier,
    });
    const unknown = await other.token({ code: 'no-such-code' });
    expect([stolen.status, await stolen.text()]).toEqual([
      unknown.status,
      await unknown.text(),
    ]);
    // And the client that it is for still can.
    await issued(client.token({ code }));
  });

  it('refuses a code after its lifetime', async () => {
    freezeTime(Date.now());
    passSeconds(61);
    await refused(client.token({ code }), 400, 'invalid_grant');
  });

  it.each([
    'http://127.0.0.1:7778/client-callback',
    'http://127.0.0.1:7777/other',
    '',
    undefined,
  ])(
    'refuses a code for the redirect URI %s, which was another (RFC 6749, section 4.1.3)',
    async (redirect_uri) => {
      const response = await client.token({ code, redirect_uri });
      expect(response.status).toBe(400);
      expect(await response.json()).toHaveProperty(
        'error',
        expect.stringMatching(/^invalid_(grant|request)$/),
      );
    },
  );

  it('refuses a code for another resource (RFC 8707, section 2.2)', async () => {
    await refused(
      client.token({ code, resource: 'https://other.example/mcp' }),
      400,
      'invalid_target',
    );
  });

  it('does not widen scopes at a refresh, but narrows them (RFC 6749, section 6)', async () => {
    const narrow = new HandClient(server.issuer, server.endpoint);
    const first = await narrow.logIn(new PageBrowser(), {
      scope: 'notes:read',
    });
    const { refresh_token } = await issued(narrow.token({ code: first }));
    await refused(
      narrow.token({ refresh_token, scope: 'notes:read notes:write' }),
      400,
      'invalid_scope',
    );
    const wide = await issued(client.token({ code }));
    const less = await issued(
      client.token({ refresh_token: wide.refresh_token, scope: 'notes:read' }),
    );
    expect(decodeJwt(less.access_token)['scope']).toBe('notes:read');
  });

  it('takes a refresh token once; reuse ends its family, the access token included (RFC 9700, section 4.14.2)', async () => {
    freezeTime(Date.now());
    const first = await issued(client.token({ code }));
    const second = await issued(
      client.token({ refresh_token: first.refresh_token }),
    );
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await readNotes(second)).toBe(200);
    passSeconds(31);
    await refused(
      client.token({ refresh_token: first.refresh_token }),
      400,
      'invalid_grant',
    );
    expect(await readNotes(second)).toBe(401);
    await refused(
      client.token({ refresh_token: second.refresh_token }),
      400,
      'invalid_grant',
    );
  });

  it('refuses the refresh token of another client', async () => {
    const { refresh_token } = await issued(client.token({ code }));
    const other = new HandClient(server.issuer, server.endpoint);
    await other.register({ client_name: 'Another' });
    await refused(other.token({ refresh_token }), 400, 'invalid_grant');
  });

  it('forbids caches to keep any answer (RFC 6749, section 5.1)', async () => {
    for (const answer of [
      await client.token({ code }),
      await client.token({ code }),
      await client.token({ client_id: 'nobody', code }),
    ]) {
      expect(answer.headers.get('cache-control')).toContain('no-store');
      expect(answer.headers.get('content-type')).toContain('application/json');
    }
  });

  it('holds a client to its registered way of identifying itself (RFC 6749, section 2.3)', async () => {
    for (const method of ['client_secret_basic', 'client_secret_post']) {
      const held = new HandClient(server.issuer, server.endpoint);
      await held.register({ token_endpoint_auth_method: method });
      const inForm = () => held.token({ code: 'none' });
      const inHeader = () =>
        held.token(
          { code: 'none', client_secret: undefined },
          basic(held.clientId, held.clientSecret),
        );
      const isBasic = method === 'client_secret_basic';
      await refused((isBasic ? inForm : inHeader)(), 401, 'invalid_client');
      // The right way gets as far as the code.
      await refused((isBasic ? inHeader : inForm)(), 400, 'invalid_grant');
      const bare = held.token({ code: 'none', client_secret: undefined });
      await refused(bare, 401, 'invalid_client');
    }
  });

  it.each([
    ['a wrong secret', basic('robot', 'wrong'), 'robot'],
    ['another id in the form', basic('robot', SECRET), 'public'],
    ['a secret of a public client', basic('public', 'secret'), 'public'],
    ['a header of an unknown client', basic('nobody', SECRET), undefined],
  ])('refuses %s with 401 (RFC 6749, section 5.2)', async (_, headers, id) => {
    const answer = await client.token(
      {
        grant_type: 'client_credentials',
        client_id: id,
        code_verifier: undefined,
        redirect_uri: undefined,
      },
      headers,
    );
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    await refused(Promise.resolve(answer), 401, 'invalid_client');
  });

  it('gives client credentials to a confidential client that has the grant (RFC 6749, section 4.4)', async () => {
    const parameters = {
      grant_type: 'client_credentials',
      client_id: undefined,
      code_verifier: undefined,
      redirect_uri: undefined,
    };
    const answer = await client.token(parameters, basic('robot', SECRET));
    const tokens = await issued(Promise.resolve(answer));
    expect(decodeJwt(tokens.access_token)).toMatchObject({
      aud: server.endpoint,
      client_id: 'robot',
      scope: 'notes:read',
    });
    expect(tokens.refresh_token).toBeUndefined();
    expect(await readNotes(tokens)).toBe(200);
    for (const scope of ['notes:write', 'admin']) {
      await refused(
        client.token({ ...parameters, scope }, basic('robot', SECRET)),
        400,
        'invalid_scope',
      );
    }
  });

  it('refuses client credentials to public clients (RFC 6749, section 4.4)', async () => {
    for (const client_id of [client.clientId, 'public']) {
      await refused(
        client.token({ grant_type: 'client_credentials', client_id }),
        400,
        'invalid_request',
      );
    }
    const registration = await client.register({
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic',
    });
    await refused(
      Promise.resolve(registration),
      400,
      'invalid_client_metadata',
    );
  });

  it.each([
    'password',
    'implicit',
    'urn:ietf:params:oauth:grant-type:device_code',
    'constructor',
    '',
  ])(
    'does not know the grant type "%s" (RFC 6749, section 5.2)',
    async (grant_type) => {
      const answer = await client.token({ grant_type, code });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toHaveProperty(
        'error',
        expect.stringMatching(/^(unsupported_grant_type|invalid_request)$/),
      );
    },
  );

  it('refuses an assertion that was used before, not one of another audience (RFC 7523, section 3)', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const signing = new HandClient(server.issuer, server.endpoint);
    await signing.register({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ ...(await exportJWK(publicKey)), use: 'sig' }] },
    });
    const assertion = (aud: string): Promise<string> =>
      new SignJWT({ jti: 'only-once' })
        .setProtectedHeader({ alg: 'ES256' })
        .setIssuer(signing.clientId)
        .setSubject(signing.clientId)
        .setAudience(aud)
        .setExpirationTime('1m')
        .sign(privateKey);
    const present = async (aud: string): Promise<Response> =>
      signing.token({
        code: 'none',
        client_assertion_type:
          'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await assertion(aud),
      });
    await refused(present('https://other.example'), 401, 'invalid_client');
    // The wrong audience has not used the id up.
    await refused(present(server.issuer), 400, 'invalid_grant');
    await refused(present(server.issuer), 401, 'invalid_client');
  });

  async function readNotes(tokens: Tokens): Promise<number> {
    const answer = await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      },
    );
    return answer.status;
  }
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function issued(answer: Promise<Response>): Promise<Tokens> {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
}

async function refused(
  answer: Promise<Response>,
  status: number,
  error: string,
): Promise<void> {
  const response = await answer;
  expect([response.status, await response.json()]).toEqual([
    status,
    expect.objectContaining({ error }),
  ]);
}

function basic(id: string, secret = ''): Record<string, string> {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
