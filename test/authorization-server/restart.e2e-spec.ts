import { jest } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import type { JsonWebKey } from 'node:crypto';
import { RedisOAuthStore } from '../../lib/authorization-server/index.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  agree,
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { freePort } from '../support/free-port.js';
import { PageBrowser } from '../support/page-browser.js';
import {
  redisAvailable,
  type RedisServer,
  startRedis,
} from '../support/redis-server.js';

// Redis starts, and applications begin anew.
jest.setTimeout(60_000);

const suite = redisAvailable() ? describe : describe.skip;
const title = redisAvailable()
  ? 'an authorization server with Redis'
  : 'an authorization server with Redis, skipped: there is no redis-server (REDIS_SERVER names one)';

suite(title, () => {
  describe.each(MAIN_TWO)('that is restarted, on %s', (adapter) => {
    let redis: RedisServer;
    let server: Issuing;
    let boot: () => Promise<Issuing>;

    beforeAll(async () => {
      redis = await startRedis();
      const port = await freePort();
      const { privateKey } = await generateKeyPair('ES256', {
        extractable: true,
      });
      const signingKey = (await exportJWK(privateKey)) as JsonWebKey;
      boot = () =>
        bootIssuing(
          adapter,
          {
            store: new RedisOAuthStore({ url: redis.url }),
            signingKeys: [signingKey],
            secrets: ['a secret of the tests that is long enough'],
            lifetimes: { refreshTokenReuse: 0 },
          },
          { port },
        );
      server = await boot();
    });
    afterAll(async () => {
      await server?.close();
      await redis?.stop();
    });

    it('still knows clients, logins, consents, grants and what was revoked', async () => {
      const client = new HandClient(server.issuer, server.endpoint);
      const browser = new PageBrowser();
      await client.register();
      const first = await browser.open(client.authorizationUrl());
      const login = await browser.submit(first, {
        username: 'ada',
        password: 'secret',
      });
      const end = await browser.submit(login, {
        decision: 'allow',
        remember: 'yes',
      });
      const redeemed = await client.token({
        code: end.url.searchParams.get('code') ?? '',
      });
      const tokens = (await redeemed.json()) as Record<string, string>;
      const access = tokens['access_token'] ?? '';
      const list = (): Promise<Response> =>
        fetch(server.endpoint, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${access}`,
            accept: 'application/json, text/event-stream',
            'content-type': 'application/json',
          },
          body: JSON.stringify({
            jsonrpc: '2.0',
            id: 1,
            method: 'tools/list',
            params: {},
          }),
        });
      expect((await list()).status).toBe(200);

      await server.close();
      server = await boot();

      expect((await list()).status).toBe(200);
      const silent = await agree(
        browser,
        await browser.open(client.authorizationUrl()),
      );
      expect(silent.url.searchParams.get('code')).toBeTruthy();
      const refreshed = await client.token({
        refresh_token: tokens['refresh_token'],
      });
      expect(refreshed.status).toBe(200);
      const reused = await client.token({
        refresh_token: tokens['refresh_token'],
      });
      expect(reused.status).toBe(400);
      expect((await list()).status).toBe(401);

      await server.close();
      server = await boot();

      expect((await list()).status).toBe(401);
    });

    it('says so, and hangs nowhere, while the storage is gone', async () => {
      const client = new HandClient(server.issuer, server.endpoint);
      await client.register();
      await redis.stop();
      const started = Date.now();
      const response = await client.token({ code: 'any' });
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(await response.text()).not.toContain('redis');
      expect(Date.now() - started).toBeLessThan(10_000);
    });
  });
});
