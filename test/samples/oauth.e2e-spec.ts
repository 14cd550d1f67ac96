import { jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TOKEN_SECONDS } from '../../sample/03-oauth/src/provider/provider.configuration.js';
import { type Running, start } from '../../sample/03-oauth/src/start.js';
import { MAIN_TWO, createAdapter } from '../support/adapters.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { connectLoggedIn, logIn } from '../support/log-in.js';
import { muteProvider } from '../support/mute-provider.js';
import { OAuthBrowser } from '../support/oauth-browser.js';
import { OAUTH_CLIENTS, type OAuthClient } from '../support/oauth-clients.js';
import { OAuthStore } from '../support/oauth-store.js';

const WITH_REFRESH = ['authorization_code', 'refresh_token'];

describe.each(MAIN_TWO)('logging in to the OAuth sample on %s', (adapter) => {
  let running: Running;

  beforeAll(async () => {
    muteProvider();
    running = await start({ app: 0, provider: 0 }, createAdapter(adapter), {
      logger: ['error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    });
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await running.app.close();
    await running.provider.close();
  });

  describe.each(OAUTH_CLIENTS)('with %s', (_name, { era, sdk, create }) => {
    let client: OAuthClient;
    let store: OAuthStore;
    let browser: OAuthBrowser;
    /** What the client asked of either server, and the answers' status. */
    let traffic: string[];

    const recording: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      const { origin, pathname } = new URL(
        input instanceof Request ? input.url : input,
      );
      const name = origin === running.provider.issuer ? 'login' : 'mcp';
      const method = init?.method ?? 'GET';
      traffic.push(`${method} ${name} ${pathname} ${response.status}`);
      return response;
    };

    function begin(
      grantTypes: string[] = WITH_REFRESH,
      endpoint = running.endpoint,
    ): void {
      traffic = [];
      store = new OAuthStore(grantTypes);
      browser = new OAuthBrowser(`ada of ${era}, ${sdk}`);
      client = create(endpoint, store, recording);
    }

    const acting = () => ({ client, store, person: browser });

    async function connect(): Promise<void> {
      await connectLoggedIn(
        acting(),
        () => era === 'modern' || traffic.includes('GET mcp /mcp 200'),
      );
      traffic = [];
    }

    afterEach(async () => {
      releaseTime();
      await client.close();
    });

    it('finds the login server by itself, registers, logs in and calls', async () => {
      begin();
      await expect(client.connect()).rejects.toThrow('Unauthorized');
      expect(traffic).toEqual([
        'POST mcp /mcp 401',
        'GET mcp /.well-known/oauth-protected-resource/mcp 200',
        'GET login /.well-known/oauth-authorization-server 200',
        'POST login /reg 201',
      ]);
      const asked = store.authorizationUrl.searchParams;
      expect(asked.get('client_id')).toBe(store.registration?.client_id);
      expect(asked.get('code_challenge_method')).toBe('S256');
      expect(asked.get('resource')).toBe(running.endpoint);
      expect(store.requestedScopes).toEqual(['notes:read']);

      traffic = [];
      const visit = await logIn(acting());
      expect(visit.prompts).toEqual(['login', 'consent']);
      expect(traffic).toEqual(['POST login /token 200']);
      expect(decodeJwt(store.accessToken)).toMatchObject({
        iss: running.provider.issuer,
        aud: running.endpoint,
        sub: `ada of ${era}, ${sdk}`,
        scope: 'notes:read',
        client_id: store.registration?.client_id,
      });

      await client.connect();
      expect(await client.toolNames()).toEqual(['notes_add', 'notes_list']);
      expect(JSON.parse(await client.call('notes_list'))).toEqual([]);
    });

    it('logs in where the server is called localhost', async () => {
      begin(WITH_REFRESH, running.endpoint.replace('127.0.0.1', 'localhost'));
      await connect();
      expect(await client.toolNames()).toContain('notes_list');
      expect(decodeJwt(store.accessToken)['aud']).toMatch(/localhost/);
    });

    it('renews an expired token without the person', async () => {
      begin();
      freezeTime(Date.now());
      await connect();
      const first = store.accessToken;
      const refreshToken = store.stored?.refresh_token;

      passSeconds(TOKEN_SECONDS - 1);
      await client.call('notes_list');
      expect(traffic).toEqual(['POST mcp /mcp 200']);

      traffic = [];
      passSeconds(2);
      await client.call('notes_list');
      expect(traffic).toEqual([
        'POST mcp /mcp 401',
        'POST login /token 200',
        'POST mcp /mcp 200',
      ]);
      expect(store.accessToken).not.toBe(first);
      expect(store.stored?.refresh_token).not.toBe(refreshToken);
      expect(decodeJwt(store.accessToken)).toMatchObject({
        aud: running.endpoint,
        scope: 'notes:read',
      });
    });

    it('asks for all scopes at once where one is missing, and then succeeds', async () => {
      // The v1 client answers 403 by a refresh where it can, which gives no
      // more scopes, and gives up: without refresh tokens it logs in anew.
      begin(sdk === 'v1' ? ['authorization_code'] : WITH_REFRESH);
      await connect();
      const before = decodeJwt(store.accessToken);
      const text = `Buy milk, ${era} ${sdk}`;
      await expect(client.call('notes_add', { text })).rejects.toThrow(
        'Unauthorized',
      );
      expect(traffic).toEqual(['POST mcp /mcp 403']);
      expect(store.requestedScopes).toEqual(['notes:read', 'notes:write']);
      expect(JSON.parse(await client.call('notes_list'))).toEqual([]);

      const visit = await logIn(acting());
      // Still logged in; the person agrees to what is new.
      expect(visit.prompts).toEqual(['consent']);
      expect(visit.html).toContain('notes:write');
      expect(decodeJwt(store.accessToken)).toMatchObject({
        sub: before.sub,
        client_id: before['client_id'],
        scope: 'notes:read notes:write',
      });

      traffic = [];
      const note: unknown = JSON.parse(
        await client.call('notes_add', { text }),
      );
      expect(note).toMatchObject({ text });
      expect(traffic).toEqual(['POST mcp /mcp 200']);
      expect(JSON.parse(await client.call('notes_list'))).toEqual([note]);
    });
  });
});
