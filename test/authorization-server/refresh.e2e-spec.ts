import {
  discoverAuthorizationServerMetadata,
  refreshAuthorization,
} from '@modelcontextprotocol/client';
import {
  MemoryOAuthStore,
  type OAuthStore,
} from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootIssuing, type Issuing } from '../support/authorization-server.js';
import { DpopKey } from '../support/dpop-key.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { onEveryStorage } from '../support/oauth-storages.js';
import { PageBrowser } from '../support/page-browser.js';
import {
  callWith,
  clientOf,
  loggedIn,
  type Tokens,
  tokensOf,
} from '../support/refresh-tokens.js';

describe('a refresh token that is sent twice', () => {
  onEveryStorage((storage) => {
    let server: Issuing;
    beforeAll(async () => {
      server = await bootIssuing('express', { store: storage().stores[0] });
    });
    afterAll(() => server?.close());

    it('at once gets one and the same answer, and the login goes on', async () => {
      const client = clientOf(server);
      const { refresh_token } = await loggedIn(client);
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          tokensOf(client.token({ refresh_token })),
        ),
      );
      const [first] = answers as [Tokens];
      expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
      expect(first.refresh_token).not.toBe(refresh_token);
      expect(await callWith(server, first)).toBe(200);
      const next = await tokensOf(
        client.token({ refresh_token: first.refresh_token }),
      );
      expect(await callWith(server, next)).toBe(200);
    });
  });
});

describe.each(MAIN_TWO)('a refresh token that was used, on %s,', (adapter) => {
  const written: string[] = [];
  class Recorded extends MemoryOAuthStore {
    override set(...[key, value, ...rest]: Parameters<OAuthStore['set']>) {
      written.push(`${key} ${JSON.stringify(value)}`);
      return super.set(key, value, ...rest);
    }
  }
  let server: Issuing;
  beforeAll(async () => {
    server = await bootIssuing(adapter, { store: new Recorded() });
  });
  afterEach(() => releaseTime());
  afterAll(() => server?.close());

  it('gets the same answer for half a minute; later its use ends the grant (RFC 9700, section 4.14.2)', async () => {
    freezeTime(Date.now());
    const client = clientOf(server);
    const { refresh_token } = await loggedIn(client);
    const first = await tokensOf(client.token({ refresh_token }));
    passSeconds(29);
    expect(await tokensOf(client.token({ refresh_token }))).toEqual(first);
    passSeconds(2);
    const reused = await client.token({ refresh_token });
    expect(reused.status).toBe(400);
    expect(await reused.json()).toHaveProperty('error', 'invalid_grant');
    expect(await callWith(server, first)).toBe(401);
    const next = await client.token({ refresh_token: first.refresh_token });
    expect(next.status).toBe(400);
  });

  it('gets nothing for another client, another scope or a token that was revoked, and that ends no grant', async () => {
    const client = clientOf(server);
    const { refresh_token } = await loggedIn(client);
    const first = await tokensOf(client.token({ refresh_token }));
    const other = clientOf(server);
    await other.register({ client_name: 'Another' });
    for (const wrong of [
      await other.token({ refresh_token }),
      await client.token({ refresh_token, scope: 'notes:read' }),
    ]) {
      expect(wrong.status).toBe(400);
      expect(await wrong.json()).toHaveProperty('error', 'invalid_grant');
    }
    expect(await callWith(server, first)).toBe(200);
    expect(await tokensOf(client.token({ refresh_token }))).toEqual(first);
    await fetch(`${server.issuer}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        token: first.refresh_token,
        client_id: client.clientId,
      }),
    });
    expect((await client.token({ refresh_token })).status).toBe(400);
  });

  it('gets the answer for the secret of its client alone', async () => {
    const client = clientOf(server);
    await client.register({ token_endpoint_auth_method: 'client_secret_post' });
    const { refresh_token } = await loggedIn(client);
    const first = await tokensOf(client.token({ refresh_token }));
    const secret = client.clientSecret;
    client.clientSecret = 'wrong';
    expect((await client.token({ refresh_token })).status).toBe(401);
    client.clientSecret = undefined;
    expect((await client.token({ refresh_token })).status).toBe(401);
    client.clientSecret = secret;
    expect(await tokensOf(client.token({ refresh_token }))).toEqual(first);
  });

  it.each(['none', 'client_secret_post'])(
    'gets the answer for a fresh proof with the same key alone, for a client of %s (RFC 9449, section 5)',
    async (method) => {
      const client = clientOf(server);
      await client.register({ token_endpoint_auth_method: method });
      const htu = `${server.issuer}/oauth/token`;
      const key = await DpopKey.create();
      const proof = async (by = key) => ({ dpop: await by.prove({ htu }) });
      const code = await client.logIn(new PageBrowser());
      const { refresh_token } = await tokensOf(
        client.token({ code }, await proof()),
      );
      const used = await proof();
      const first = await tokensOf(client.token({ refresh_token }, used));
      for (const headers of [{}, used, await proof(await DpopKey.create())]) {
        const wrong = await client.token({ refresh_token }, headers);
        expect(wrong.status).toBe(400);
      }
      expect(
        await tokensOf(client.token({ refresh_token }, await proof())),
      ).toEqual(first);
    },
  );

  it('is of use to clients of the SDK that refresh at the same time', async () => {
    const client = clientOf(server);
    const { refresh_token } = await loggedIn(client);
    const metadata = await discoverAuthorizationServerMetadata(server.issuer);
    const answers = await Promise.all(
      Array.from({ length: 3 }, () =>
        refreshAuthorization(server.issuer, {
          metadata,
          clientInformation: { client_id: client.clientId },
          refreshToken: refresh_token,
          resource: new URL(server.endpoint),
        }),
      ),
    );
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it('is not given back where the request was wrong', async () => {
    const client = clientOf(server);
    const { refresh_token } = await loggedIn(client);
    const wrong = await client.token({
      refresh_token,
      resource: 'https://elsewhere.example/',
    });
    expect(wrong.status).toBe(400);
    await tokensOf(client.token({ refresh_token }));
  });

  it('leaves nothing in the store that could be read without it', async () => {
    const client = clientOf(server);
    const { refresh_token } = await loggedIn(client);
    const tokens = await tokensOf(client.token({ refresh_token }));
    const text = written.join('\n');
    expect(text).toContain('RefreshToken:answer-');
    for (const secret of [refresh_token, ...Object.values(tokens)]) {
      if (String(secret).length > 20) {
        expect(text).not.toContain(secret);
      }
    }
  });
});
