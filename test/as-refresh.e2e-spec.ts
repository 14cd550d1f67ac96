import {
  discoverAuthorizationServerMetadata,
  refreshAuthorization,
} from '@modelcontextprotocol/client';
import type { JsonWebKey } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import {
  MemoryOAuthStore,
  type OAuthStore,
  RedisOAuthStore,
} from '../lib/auth/authorization-server/index.js';
import { ADAPTERS } from './support/adapters.js';
import { tryTool } from './support/auth-calls.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from './support/authorization-server.js';
import { DpopKey } from './support/dpop-key.js';
import { freezeTime, passSeconds, releaseTime } from './support/frozen-time.js';
import { freePort } from './support/free-port.js';
import { onEveryStorage } from './support/oauth-storages.js';
import { PageBrowser } from './support/page-browser.js';
import {
  redisAvailable,
  type RedisServer,
  startRedis,
} from './support/redis-server.js';

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

const tokensOf = async (answer: Promise<Response>): Promise<Tokens> => {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as Tokens;
};
const loggedIn = async (client: HandClient): Promise<Tokens> => {
  const code = await client.logIn(new PageBrowser());
  return tokensOf(client.token({ code }));
};
const clientOf = (server: Issuing) =>
  new HandClient(server.issuer, server.endpoint);
/** The parameters of a refresh. */
const renewed = ({ refresh_token }: Tokens) => ({ refresh_token });
const callWith = async (server: Issuing, { access_token }: Tokens) =>
  (
    await tryTool(
      server.endpoint,
      'modern',
      'notes_read',
      {},
      { headers: { authorization: `Bearer ${access_token}` } },
    )
  ).status;

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

describe.each(ADAPTERS)('a refresh token that was used, on %s,', (adapter) => {
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

/** Fails one operation of those to come: before it happens, or after. */
class FaultyStore extends MemoryOAuthStore {
  countdown = Infinity;
  happens = false;

  private async at<T>(operation: () => Promise<T>): Promise<T> {
    this.countdown -= 1;
    if (this.countdown !== 0) {
      return operation();
    }
    if (this.happens) {
      await operation();
    }
    throw new Error('no answer in 300 ms');
  }

  override get(key: string) {
    return this.at(() => super.get(key));
  }
  override set(...given: Parameters<OAuthStore['set']>) {
    return this.at(() => super.set(...given));
  }
  override take(key: string) {
    return this.at(() => super.take(key));
  }
}

describe('a refresh in which the storage fails', () => {
  it.each([
    ['did nothing', false],
    ['did what it was told without saying so', true],
  ])(
    'can be sent again, wherever that was and although it %s: the grant lives',
    async (_, happens) => {
      const store = new FaultyStore();
      const server = await bootIssuing('express', { store });
      const client = clientOf(server);
      let tokens = await loggedIn(client);
      let failures = 0;
      for (let operation = 1; ; operation += 1) {
        Object.assign(store, { happens, countdown: operation });
        const answer = await client.token(renewed(tokens));
        if (store.countdown > 0) {
          break;
        }
        store.countdown = Infinity;
        if (answer.status === 200) {
          // Something that does not matter has failed.
          tokens = (await answer.json()) as Tokens;
          continue;
        }
        failures += 1;
        expect([answer.status, await answer.json()]).toEqual([
          503,
          expect.objectContaining({ error: 'temporarily_unavailable' }),
        ]);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        const [again, twice] = await Promise.all([
          tokensOf(client.token(renewed(tokens))),
          tokensOf(client.token(renewed(tokens))),
        ]);
        expect(twice).toEqual(again);
        expect(await callWith(server, again)).toBe(200);
        tokens = again;
      }
      expect(failures).toBeGreaterThan(8);
      await server.close();
    },
    60_000,
  );
});

const suite = redisAvailable() ? describe : describe.skip;
const title = redisAvailable()
  ? 'two instances on one Redis'
  : 'two instances on one Redis, skipped: there is no redis-server (REDIS_SERVER names one)';

suite(title, () => {
  let redis: RedisServer;
  let here: Issuing;
  let there: Issuing;

  beforeAll(async () => {
    redis = await startRedis();
    const { privateKey } = await generateKeyPair('ES256', {
      extractable: true,
    });
    const signingKey = (await exportJWK(privateKey)) as JsonWebKey;
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const boot = (options: { readonly port?: number }) =>
      bootIssuing(
        'express',
        {
          issuer,
          store: new RedisOAuthStore({ url: redis.url, timeout: 400 }),
          signingKeys: [signingKey],
          secrets: ['a secret of the tests that is long enough'],
        },
        { ...options, auth: { resource: `${issuer}/mcp` } },
      );
    here = await boot({ port });
    there = await boot({});
  });
  afterAll(async () => {
    await here?.close();
    await there?.close();
    await redis?.stop();
  });

  /** The same client, at the other instance. */
  const elsewhere = ({ clientId }: HandClient) =>
    Object.assign(new HandClient(there.issuer, here.endpoint), { clientId });

  it('give the same answer to the same refresh token', async () => {
    const client = clientOf(here);
    const { refresh_token } = await loggedIn(client);
    const other = elsewhere(client);
    const answers = await Promise.all(
      [client, other, client, other, client, other].map((each) =>
        tokensOf(each.token({ refresh_token })),
      ),
    );
    expect(new Set(answers.map((each) => JSON.stringify(each))).size).toBe(1);
    await tokensOf(
      other.token({ refresh_token: answers[0]?.refresh_token ?? '' }),
    );
  });

  it('answer 503 while Redis stalls in a refresh, and go on with the same token afterwards', async () => {
    const client = clientOf(here);
    let tokens = await loggedIn(client);
    for (const delay of [0, 2, 4, 6, 8]) {
      const refreshing = client.token(renewed(tokens));
      await new Promise((resolve) => setTimeout(resolve, delay));
      redis.pause();
      const stalled = await refreshing;
      const meanwhile = await elsewhere(client).token(renewed(tokens));
      expect([200, 503]).toContain(stalled.status);
      expect(meanwhile.status).toBe(503);
      expect(meanwhile.headers.get('retry-after')).toMatch(/^\d+$/);
      redis.resume();
      const again = await tokensOf(elsewhere(client).token(renewed(tokens)));
      if (stalled.status === 200) {
        expect(again).toEqual(await stalled.json());
      }
      tokens = again;
    }
  }, 60_000);
});
