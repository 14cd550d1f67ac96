import { MemoryOAuthStore } from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
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
import { rpc } from '../support/json-rpc.js';
import { PageBrowser } from '../support/page-browser.js';

const uri = (length: number) => 'https://example.com/'.padEnd(length, 'x');
const key = (length: number) => ({
  keys: [{ kty: 'RSA', e: 'AQAB', n: 'x'.repeat(length) }],
});

describe.each(MAIN_TWO)('what nobody has logged in for, on %s,', (adapter) => {
  let server: Issuing;
  let client: HandClient;

  beforeAll(async () => {
    server = await bootIssuing(adapter);
  });
  beforeEach(() => {
    client = new HandClient(server.issuer, server.endpoint);
  });
  afterAll(() => server?.close());

  it.each([
    ['a name', { client_name: 'x'.repeat(201) }],
    ['a URI', { client_uri: uri(2001) }],
    ['a scope', { scope: 'x'.repeat(2001) }],
    [
      'contacts',
      { contacts: Array<string>(100).fill('ada@example.com'.repeat(2)) },
    ],
    [
      'grant types',
      { grant_types: Array<string>(100).fill('authorization_code') },
    ],
    [
      'keys',
      { jwks: key(20_000), token_endpoint_auth_method: 'private_key_jwt' },
    ],
  ])(
    'is no registration with %s that no client needs (RFC 7591, section 3.2.2)',
    async (_, metadata) => {
      const answer = await client.register(metadata);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toEqual({
        error: 'invalid_client_metadata',
        error_description: expect.stringContaining(
          Object.keys(metadata)[0] ?? '',
        ) as string,
      });
    },
  );

  it.each([
    ['eleven redirect URIs', Array.from({ length: 11 }, (_, n) => uri(30 + n))],
    ['a redirect URI of 2,001 characters', [uri(2001)]],
  ])('is no registration with %s', async (_, redirect_uris) => {
    const answer = await client.register({ redirect_uris });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toHaveProperty('error', 'invalid_redirect_uri');
  });

  it('is a registration at those limits, and what else it says is neither kept nor counted', async () => {
    const metadata = {
      client_name: 'x'.repeat(200),
      redirect_uris: Array.from({ length: 10 }, (_, n) => uri(1991 + n)),
    };
    const answer = await client.register(metadata);
    expect(answer.status).toBe(201);
    const { client_id: id } = (await answer.json()) as { client_id: string };
    for (const junk of ['a', 'b']) {
      const again = await client.register({
        ...metadata,
        [`member_${junk}`]: junk.repeat(20_000),
      });
      expect(await again.json()).toHaveProperty('client_id', id);
    }
  });

  it.each(['state', 'nonce', 'scope', 'login_hint', 'made_up', 'resource'])(
    'is no authorization request with %s of 5,000 characters, by GET or by POST',
    async (name) => {
      await client.register();
      const long = 'x'.repeat(5000);
      const url = client.authorizationUrl({ [name]: long });
      const page = await new PageBrowser().open(url, { accept: 'text/html' });
      expect(page.status).toBe(400);
      expect(page.html).toContain('invalid_request');
      expect(page.html).not.toContain(long);
      const posted = await fetch(`${server.issuer}/oauth/authorize`, {
        method: 'POST',
        body: url.searchParams,
        redirect: 'manual',
      });
      expect(posted.status).toBe(400);
      expect(await posted.json()).toHaveProperty('error', 'invalid_request');
    },
  );

  it('is no authorization request with many long parameters', async () => {
    await client.register();
    const url = client.authorizationUrl({ state: 'x'.repeat(3900) });
    for (let index = 0; index < 4; index++) {
      url.searchParams.append('resource', 'x'.repeat(2900));
    }
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(400);
  });

  it('is an authorization request with a state of 3,900 characters, which comes back', async () => {
    const state = 'x'.repeat(3900);
    await client.register();
    const page = await fetch(client.authorizationUrl({ state }), {
      redirect: 'manual',
    });
    expect(page.status).toBe(303);
  });
});

describe.each(MAIN_TWO)('registrations on %s', (adapter) => {
  afterEach(() => releaseTime());

  const registering = async (server: Issuing, name: string, from?: string) => {
    const answer = await fetch(`${server.issuer}/oauth/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(from !== undefined && { 'x-forwarded-for': from }),
      },
      body: JSON.stringify({
        client_name: name,
        redirect_uris: ['http://127.0.0.1:7777/'],
        token_endpoint_auth_method: 'none',
      }),
    });
    return answer;
  };

  it('are limited for each address without any guard, again after an hour, and not for what is known', async () => {
    freezeTime(Date.now());
    const server = await bootIssuing(adapter);
    for (let index = 0; index < 60; index++) {
      expect((await registering(server, `client ${index}`)).status).toBe(201);
    }
    expect((await registering(server, 'client 7')).status).toBe(201);
    const refused = await registering(server, 'one more');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3000);
    expect(refused.headers.get('access-control-allow-origin')).toBe('*');
    expect(await refused.json()).toHaveProperty('error_description');
    // Nobody else can be claimed by a header that the application does not trust.
    expect((await registering(server, 'more', '192.0.2.7')).status).toBe(429);
    passSeconds(3601);
    expect((await registering(server, 'one more')).status).toBe(201);
    await server.close();
  });

  it('are limited in total; what was refused counts for nothing', async () => {
    const server = await bootIssuing(adapter, {
      registration: { maxPerHour: 2, maxPerHourAndAddress: false },
    });
    for (let index = 0; index < 5; index++) {
      expect((await registering(server, 'x'.repeat(300))).status).toBe(400);
    }
    const statuses: number[] = [];
    for (const name of ['a', 'b', 'c']) {
      statuses.push((await registering(server, name)).status);
    }
    expect(statuses).toEqual([201, 201, 429]);
    await server.close();
  });

  it('cannot fill the memory, nor end what was granted: those that nobody used give way', async () => {
    const store = new MemoryOAuthStore({ maxBytes: 200_000 });
    const server = await bootIssuing(adapter, {
      store,
      registration: { maxPerHour: false, maxPerHourAndAddress: false },
    });
    const client = new HandClient(server.issuer, server.endpoint);
    const code = await client.logIn(new PageBrowser());
    const { refresh_token } = (await (await client.token({ code })).json()) as {
      refresh_token: string;
    };
    for (let index = 0; index < 60; index++) {
      const flood = new HandClient(server.issuer, server.endpoint);
      const answer = await flood.register({
        client_name: `flood ${index}`,
        redirect_uris: Array.from({ length: 5 }, (_, n) => uri(1900 + n)),
      });
      expect(answer.status).toBe(201);
      expect(store.bytes).toBeLessThanOrEqual(200_000);
    }
    expect((await client.token({ refresh_token })).status).toBe(200);
    await server.close();
  });

  it('make nothing of what was revoked: that stays refused on a full store, and new work is asked to come back, 503', async () => {
    const store = new MemoryOAuthStore({ maxEntries: 40 });
    const server = await bootIssuing(adapter, { store });
    const client = new HandClient(server.issuer, server.endpoint);
    const code = await client.logIn(new PageBrowser());
    const { access_token } = (await (await client.token({ code })).json()) as {
      access_token: string;
    };
    const list = async () =>
      (
        await rpc(
          server.endpoint,
          'modern',
          'tools/list',
          {},
          {
            headers: { authorization: `Bearer ${access_token}` },
          },
        )
      ).status;
    expect(await list()).toBe(200);
    await fetch(`${server.issuer}/oauth/revoke`, {
      method: 'POST',
      body: new URLSearchParams({
        token: access_token,
        client_id: client.clientId,
      }),
    });
    for (let index = 0; index < 50; index++) {
      await registering(server, `flood ${index}`);
      await store.set(`issued ${index}`, index);
    }
    expect(await list()).toBe(401);
    for (let index = 0; index < 39; index++) {
      await store.set(`revoked ${index}`, true, 60, 'revocation');
    }
    const refused = await registering(server, 'no room');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refused.json()).toHaveProperty(
      'error',
      'temporarily_unavailable',
    );
    expect(await list()).toBe(401);
    await server.close();
  });
});
