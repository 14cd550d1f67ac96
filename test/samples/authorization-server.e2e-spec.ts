import { jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { TOKEN_SECONDS } from '../../sample/05-authorization-server/src/app.module.js';
import {
  type Running,
  start,
} from '../../sample/05-authorization-server/src/start.js';
import { DEMO_USERS } from '../../sample/05-authorization-server/src/users/demo-users.js';
import { MAIN_TWO, createAdapter } from '../support/adapters.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { connectLoggedIn, logIn } from '../support/log-in.js';
import { muteProvider } from '../support/mute-provider.js';
import { OAUTH_CLIENTS, type OAuthClient } from '../support/oauth-clients.js';
import { OAuthStore } from '../support/oauth-store.js';
import { CLIENT_CALLBACK, Person } from '../support/person.js';
import { type RecordedFetch, recordFetch } from '../support/recorded-fetch.js';

// People log in, with passwords that take their time to check.
jest.setTimeout(60_000);

const WITH_REFRESH = ['authorization_code', 'refresh_token'];
const [[ADA, ADAS_NAME, ADAS_PASSWORD], [GRACE, , GRACES_PASSWORD]] =
  DEMO_USERS;

describe.each(MAIN_TWO)('logging in to the application on %s', (adapter) => {
  let running: Running;
  let origin: string;

  beforeEach(async () => {
    muteProvider();
    running = await start(0, createAdapter(adapter), {
      logger: ['error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    });
    ({ origin } = new URL(running.endpoint));
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await running?.app.close();
  });

  it('takes the right password of somebody it knows, and nothing else', async () => {
    const store = new OAuthStore(WITH_REFRESH, CLIENT_CALLBACK);
    const [[, { create }]] = OAUTH_CLIENTS as [(typeof OAUTH_CLIENTS)[number]];
    const client = create(running.endpoint, store, fetch);
    await expect(client.connect()).rejects.toThrow('Unauthorized');
    for (const [name, password] of [
      [ADA, GRACES_PASSWORD],
      [ADA, ''],
      ['nobody', ADAS_PASSWORD],
      ['constructor', ADAS_PASSWORD],
    ] as const) {
      await expect(
        new Person(name, password).visit(store.authorizationUrl),
      ).rejects.toThrow(/^401 .*That did not match/s);
    }
    const visit = await new Person(ADA, ADAS_PASSWORD).visit(
      store.authorizationUrl,
    );
    expect(visit.callback.searchParams.has('code')).toBe(true);
  });

  describe.each(OAUTH_CLIENTS)('with %s', (_name, { era, sdk, create }) => {
    let client: OAuthClient;
    let store: OAuthStore;
    let person: Person;
    let recorded: RecordedFetch;

    function begin(
      grantTypes: string[] = WITH_REFRESH,
      endpoint = running.endpoint,
    ): void {
      recorded = recordFetch();
      store = new OAuthStore(grantTypes, CLIENT_CALLBACK);
      person = new Person(ADA, ADAS_PASSWORD);
      client = create(endpoint, store, recorded.fetch);
    }

    const acting = () => ({ client, store, person });

    async function connect(): Promise<void> {
      await connectLoggedIn(
        acting(),
        () => era === 'modern' || recorded.traffic.includes('GET /mcp 200'),
      );
      recorded.traffic = [];
    }

    afterEach(async () => {
      releaseTime();
      await client.close();
    });

    it('logs in where the server is called localhost', async () => {
      begin(WITH_REFRESH, running.endpoint.replace('127.0.0.1', 'localhost'));
      await connect();
      expect(await client.toolNames()).toContain('notes_list');
      expect(decodeJwt(store.accessToken)['aud']).toMatch(/localhost/);
    });

    it('registers, logs in, agrees and calls', async () => {
      begin();
      await expect(client.connect()).rejects.toThrow('Unauthorized');
      expect(recorded.traffic).toEqual([
        'POST /mcp 401',
        'GET /.well-known/oauth-protected-resource/mcp 200',
        'GET /.well-known/oauth-authorization-server 200',
        'POST /oauth/register 201',
      ]);
      expect(store.requestedScopes).toEqual(['notes:read']);
      const visit = await logIn(acting());
      expect(visit.prompts).toEqual(['log in', 'allow']);
      expect(visit.html).toContain(ADAS_NAME);
      const token = decodeJwt(store.accessToken);
      expect(token).toMatchObject({
        iss: origin,
        aud: running.endpoint,
        scope: 'notes:read',
        client_id: store.registration?.client_id,
      });
      expect(Object.keys(token).sort()).toEqual([
        'aud',
        'client_id',
        'exp',
        'grant_id',
        'iat',
        'iss',
        'jti',
        'scope',
        'sub',
      ]);
      expect(JSON.stringify(token)).not.toMatch(/lovelace/i);

      await client.connect();
      expect(await client.toolNames()).toEqual(['notes_add', 'notes_list']);
      expect(JSON.parse(await client.call('notes_list'))).toEqual([]);
      const direct = await fetch(`${origin}/notes`, {
        headers: { authorization: `Bearer ${store.accessToken}` },
      });
      expect(await direct.json()).toEqual([]);
    });

    it('renews an expired token without the person', async () => {
      begin();
      freezeTime(Date.now());
      await connect();
      const first = store.accessToken;
      const refreshToken = store.stored?.refresh_token;

      passSeconds(TOKEN_SECONDS - 1);
      await client.call('notes_list');
      expect(recorded.traffic).toEqual(['POST /mcp 200']);

      recorded.traffic = [];
      passSeconds(2);
      await client.call('notes_list');
      expect(recorded.traffic).toEqual([
        'POST /mcp 401',
        'POST /oauth/token 200',
        'POST /mcp 200',
      ]);
      expect(store.accessToken).not.toBe(first);
      expect(store.stored?.refresh_token).not.toBe(refreshToken);
    });

    it('asks for a missing scope, and keeps everybody their own notes', async () => {
      begin();
      await connect();
      const before = store.stored;
      await expect(
        client.call('notes_add', { text: 'Buy milk' }),
      ).rejects.toThrow('Unauthorized');
      // The v1 client tries a refresh first.
      const refresh = sdk === 'v1' ? ['POST /oauth/token 400'] : [];
      expect(recorded.traffic).toEqual(['POST /mcp 403', ...refresh]);
      expect(store.requestedScopes).toEqual(['notes:read', 'notes:write']);
      expect(store.stored).toEqual(before);

      const visit = await logIn(acting());
      expect(visit.prompts).toEqual(['allow']);
      const note: unknown = JSON.parse(
        await client.call('notes_add', { text: 'Buy milk' }),
      );
      expect(JSON.parse(await client.call('notes_list'))).toEqual([note]);

      await client.close();
      begin();
      person = new Person(GRACE, GRACES_PASSWORD);
      await connect();
      expect(JSON.parse(await client.call('notes_list'))).toEqual([]);
    });

    it('lets nobody in after the grant was revoked', async () => {
      begin();
      await connect();
      await client.call('notes_list');
      const revoked = await fetch(`${origin}/oauth/revoke`, {
        method: 'POST',
        body: new URLSearchParams({
          token: store.stored?.refresh_token ?? '',
          client_id: store.registration?.client_id ?? '',
        }),
      });
      expect(revoked.status).toBe(200);
      recorded.traffic = [];
      await expect(client.call('notes_list')).rejects.toThrow('Unauthorized');
      expect(recorded.traffic.slice(0, 2)).toEqual([
        'POST /mcp 401',
        'POST /oauth/token 400',
      ]);
      // And begins anew.
      expect((await logIn(acting())).prompts).toEqual(['allow']);
      expect(JSON.parse(await client.call('notes_list'))).toEqual([]);
    });
  });
});
