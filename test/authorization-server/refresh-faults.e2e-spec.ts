import { jest } from '@jest/globals';
import type { JsonWebKey } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import {
  MemoryOAuthStore,
  type OAuthStore,
  RedisOAuthStore,
} from '../../lib/authorization-server/index.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { freePort } from '../support/free-port.js';
import {
  redisAvailable,
  type RedisServer,
  startRedis,
} from '../support/redis-server.js';
import {
  callWith,
  clientOf,
  loggedIn,
  renewed,
  type Tokens,
  tokensOf,
} from '../support/refresh-tokens.js';

// Redis starts and stops.
jest.setTimeout(60_000);

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
