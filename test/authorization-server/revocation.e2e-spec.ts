import { SignJWT } from 'jose';
import { ADAPTERS } from '../support/adapters.js';
import { tryTool } from '../support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { PageBrowser } from '../support/page-browser.js';

const REDIRECT = 'http://127.0.0.1:7777/client-callback';
const SECRET = 'a-secret-of-32-characters-or-more';

describe.each(ADAPTERS)('revocation on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;
  let tokens: Tokens;

  beforeAll(async () => {
    server = await bootIssuing(adapter, {
      clients: [
        { clientId: 'other', clientSecret: SECRET, redirectUris: [REDIRECT] },
        {
          clientId: 'robot',
          clientSecret: SECRET,
          grantTypes: ['client_credentials'],
        },
      ],
    });
  });
  beforeEach(async () => {
    client = new HandClient(server.issuer, server.endpoint);
    tokens = await loggedIn(client);
  });
  afterAll(() => server?.close());

  it.each(['refresh_token', 'access_token'] as const)(
    'of the %s by a public client needs no secret, and ends the family at once (RFC 7009, section 2.1)',
    async (kind) => {
      expect(await readNotes(tokens)).toBe(200);
      const answer = await post('revoke', {
        token: tokens[kind],
        client_id: client.clientId,
      });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
      expect(await readNotes(tokens)).toBe(401);
      const { refresh_token } = tokens;
      expect((await client.token({ refresh_token })).status).toBe(400);
      // Of this login alone.
      const fresh = await loggedIn(
        new HandClient(server.issuer, server.endpoint),
      );
      expect(await readNotes(fresh)).toBe(200);
    },
  );

  it.each(['refresh_token', 'access_token'] as const)(
    'of the %s of another client changes nothing, and answers the same (RFC 7009, section 2.2)',
    async (kind) => {
      const foreign = await post(
        'revoke',
        { token: tokens[kind] },
        basic('other'),
      );
      const unknown = await post(
        'revoke',
        { token: 'no-such-token' },
        basic('other'),
      );
      expect([foreign.status, await foreign.text()]).toEqual([
        unknown.status,
        await unknown.text(),
      ]);
      expect(foreign.status).toBe(200);
      expect(await readNotes(tokens)).toBe(200);
      const { refresh_token } = tokens;
      expect((await client.token({ refresh_token })).status).toBe(200);
    },
  );

  it('takes no token that somebody else has signed', async () => {
    const [, payload = ''] = tokens.access_token.split('.');
    const forged = await new SignJWT(
      JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
        string,
        string
      >,
    )
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .sign(new TextEncoder().encode('x'.repeat(32)));
    const answer = await post('revoke', {
      token: forged,
      client_id: client.clientId,
    });
    expect(answer.status).toBe(200);
    expect(await readNotes(tokens)).toBe(200);
  });

  it('of a token that no person granted ends that token alone', async () => {
    const [first, second] = [await robotToken(), await robotToken()];
    await post('revoke', { token: first.access_token }, basic('robot'));
    expect(await readNotes(first)).toBe(401);
    expect(await readNotes(second)).toBe(200);
  });

  it('finds a token whatever the hint says (RFC 7009, section 2.1)', async () => {
    const answer = await post('revoke', {
      token: tokens.refresh_token,
      token_type_hint: 'access_token',
      client_id: client.clientId,
    });
    expect(answer.status).toBe(200);
    expect(await readNotes(tokens)).toBe(401);
  });

  it.each([
    ['no client', {}, {}, 400, 'invalid_request'],
    ['an unknown client', { client_id: 'nobody' }, {}, 401, 'invalid_client'],
    ['a wrong secret', {}, basic('other', 'wrong'), 401, 'invalid_client'],
    [
      'a secret in the wrong place',
      { client_id: 'other', client_secret: SECRET },
      {},
      401,
      'invalid_client',
    ],
  ])(
    'refuses %s (RFC 7009, section 2.2.1)',
    async (_, form, headers, status, error) => {
      const answer = await post(
        'revoke',
        { token: tokens.refresh_token, ...form },
        headers,
      );
      expect([answer.status, await answer.json()]).toEqual([
        status,
        expect.objectContaining({ error }),
      ]);
      expect(await readNotes(tokens)).toBe(200);
    },
  );

  it('tells a confidential client of its own tokens, and nobody of any other (RFC 7662, section 4)', async () => {
    const other = new HandClient(server.issuer, server.endpoint, REDIRECT);
    other.clientId = 'other';
    const code = await other.logIn(new PageBrowser());
    const own = (await (
      await other.token({ code, client_id: undefined }, basic('other'))
    ).json()) as Tokens;
    for (const kind of ['access_token', 'refresh_token'] as const) {
      expect(await introspect(own[kind])).toMatchObject({
        active: true,
        client_id: 'other',
        iss: server.issuer,
        sub: 'ada',
      });
      expect(await introspect(tokens[kind])).toEqual({ active: false });
    }
    expect(await introspect('no-such-token')).toEqual({ active: false });
    await post('revoke', { token: own.access_token }, basic('other'));
    expect(await introspect(own.access_token)).toEqual({ active: false });
    expect(await introspect(own.refresh_token)).toEqual({ active: false });
  });

  it('tells public clients of no token at all (RFC 7662, section 2.1)', async () => {
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      const answer = await post('introspect', {
        token,
        client_id: client.clientId,
      });
      expect(await answer.json()).toEqual({ active: false });
    }
    const nobody = await post('introspect', { token: tokens.access_token });
    expect(nobody.status).toBe(400);
  });

  async function introspect(token: string): Promise<unknown> {
    const answer = await post('introspect', { token }, basic('other'));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    return answer.json();
  }

  async function robotToken(): Promise<Tokens> {
    const answer = await post(
      'token',
      { grant_type: 'client_credentials' },
      basic('robot'),
    );
    return (await answer.json()) as Tokens;
  }

  function post(
    endpoint: string,
    form: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${server.issuer}/oauth/${endpoint}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers,
    });
  }

  async function readNotes(of: Tokens): Promise<number> {
    const answer = await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      {
        headers: { authorization: `Bearer ${of.access_token}` },
      },
    );
    return answer.status;
  }
});

describe.each(ADAPTERS)('options of revocation on %s', (adapter) => {
  let server: Issuing | undefined;

  afterEach(() => server?.close());

  it.each(['none', 'client_secret_basic', 'client_secret_post'] as const)(
    'authMethod %s is advertised, and the only one that is taken',
    async (authMethod) => {
      server = await bootIssuing(adapter, { revocation: { authMethod } });
      const metadata = await fetch(
        `${server.issuer}/.well-known/oauth-authorization-server`,
      );
      expect(await metadata.json()).toMatchObject({
        revocation_endpoint_auth_methods_supported: [authMethod],
      });
      for (const method of [
        'none',
        'client_secret_basic',
        'client_secret_post',
      ]) {
        const client = new HandClient(server.issuer, server.endpoint);
        await client.register({ token_endpoint_auth_method: method });
        const isBasic = method === 'client_secret_basic';
        const answer = await fetch(`${server.issuer}/oauth/revoke`, {
          method: 'POST',
          body: new URLSearchParams({
            token: 'x',
            client_id: client.clientId,
            ...(!isBasic && { client_secret: client.clientSecret ?? '' }),
          }),
          headers: isBasic ? basic(client.clientId, client.clientSecret) : {},
        });
        expect([method, answer.status]).toEqual([
          method,
          method === authMethod ? 200 : 401,
        ]);
      }
    },
  );

  it('enabled: false offers no endpoint, and names none', async () => {
    server = await bootIssuing(adapter, { revocation: { enabled: false } });
    const answer = await fetch(`${server.issuer}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'x', client_id: 'x' }),
    });
    expect(answer.status).toBe(404);
    const metadata = (await (
      await fetch(`${server.issuer}/.well-known/oauth-authorization-server`)
    ).json()) as object;
    expect(Object.keys(metadata).join()).not.toContain('revocation');
  });

  it('endpoint moves it', async () => {
    server = await bootIssuing(adapter, { revocation: { endpoint: '/undo' } });
    const client = new HandClient(server.issuer, server.endpoint);
    await client.register();
    const answer = await fetch(`${server.issuer}/undo`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'x', client_id: client.clientId }),
    });
    expect(answer.status).toBe(200);
  });
});

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

async function loggedIn(client: HandClient): Promise<Tokens> {
  const code = await client.logIn(new PageBrowser());
  return (await (await client.token({ code })).json()) as Tokens;
}

function basic(id: string, secret = SECRET): Record<string, string> {
  const pair = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}
