import { jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { CompanyTokenGuard } from '../../sample/04-oauth-proxy/src/auth/company-token.guard.js';
import { PROVIDER_TOKEN_SECONDS } from '../../sample/04-oauth-proxy/src/provider/provider.configuration.js';
import { type Running, start } from '../../sample/04-oauth-proxy/src/start.js';
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

const WITH_REFRESH = ['authorization_code', 'refresh_token'];
/** Seconds that the library's access tokens last. */
const TOKEN_SECONDS = 600;

describe.each(MAIN_TWO)('logging in through the proxy on %s', (adapter) => {
  let running: Running;
  let origin: string;
  /** Tokens that the guard of the routes was shown. */
  const shown: string[] = [];

  beforeAll(async () => {
    muteProvider();
    const original = CompanyTokenGuard.prototype.canActivate;
    jest
      .spyOn(CompanyTokenGuard.prototype, 'canActivate')
      .mockImplementation(function (this: CompanyTokenGuard, context) {
        const { headers } = context.switchToHttp().getRequest<{
          headers: { authorization?: string };
        }>();
        shown.push(headers.authorization?.replace('Bearer ', '') ?? 'none');
        return original.call(this, context);
      });
    running = await start({ app: 0, provider: 0 }, createAdapter(adapter), {
      logger: ['error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    });
    ({ origin } = new URL(running.endpoint));
  });

  afterAll(async () => {
    jest.restoreAllMocks();
    await running?.app.close();
    await running?.provider.close();
  });

  it('stands in front of a provider that registers nobody', async () => {
    const { issuer } = running.provider;
    const metadata = (await (
      await fetch(`${issuer}/.well-known/openid-configuration`)
    ).json()) as Record<string, unknown>;
    expect(metadata['registration_endpoint']).toBeUndefined();
    expect(metadata['authorization_response_iss_parameter_supported']).toBe(
      true,
    );
    const url = new URL(`${issuer}/auth`);
    url.search = new URLSearchParams({
      client_id: running.login.clientId,
      response_type: 'code',
      redirect_uri: CLIENT_CALLBACK,
    }).toString();
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('redirect_uri');
  });

  it('asks for the tokens of the company over plain HTTP', async () => {
    expect((await fetch(`${origin}/tasks`)).status).toBe(401);
  });

  describe.each(OAUTH_CLIENTS)('with %s', (_name, { era, sdk, create }) => {
    const name = `ada of ${era}, ${sdk}`;
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
      person = new Person(name);
      client = create(endpoint, store, recorded.fetch);
      shown.length = 0;
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
      const answers = await recorded.answers();
      expect(answers).toContain('access_token');
      expect(answers).not.toContain(running.login.clientSecret);
      for (const token of shown) expect(answers).not.toContain(token);
    });

    it('logs in where the server is called localhost', async () => {
      begin(WITH_REFRESH, running.endpoint.replace('127.0.0.1', 'localhost'));
      await connect();
      expect(await client.toolNames()).toContain('tasks_list');
      expect(decodeJwt(store.accessToken)['aud']).toMatch(/localhost/);
    });

    it('registers here, logs in at the provider and calls', async () => {
      begin();
      await expect(client.connect()).rejects.toThrow('Unauthorized');
      expect(recorded.traffic).toEqual([
        'POST /mcp 401',
        'GET /.well-known/oauth-protected-resource/mcp 200',
        'GET /.well-known/oauth-authorization-server 200',
        'POST /oauth/register 201',
      ]);
      expect(store.requestedScopes).toEqual(['tasks:read']);

      const visit = await logIn(acting());
      expect(visit.prompts).toEqual([
        'allow',
        'provider: login',
        'provider: consent',
      ]);
      expect(visit.html).toContain('the company');
      expect(visit.callback.searchParams.get('iss')).toBe(origin);
      const ours = decodeJwt(store.accessToken);
      expect(ours).toMatchObject({
        iss: origin,
        aud: running.endpoint,
        sub: name,
        scope: 'tasks:read',
        client_id: store.registration?.client_id,
      });

      await client.connect();
      expect(await client.toolNames()).toEqual(['tasks_add', 'tasks_list']);
      expect(JSON.parse(await client.call('tasks_list'))).toEqual([]);
      expect(shown).toHaveLength(1);
      expect(shown).not.toContain(store.accessToken);
      expect(decodeJwt(shown[0] ?? '')).toMatchObject({
        iss: running.provider.issuer,
        aud: running.login.audience,
        sub: name,
      });

      // What the client holds is good for the MCP endpoint alone.
      const direct = await fetch(`${origin}/tasks`, {
        headers: { authorization: `Bearer ${store.accessToken}` },
      });
      expect(direct.status).toBe(401);
      shown.pop();
    });

    it('renews both tokens, each when it expires', async () => {
      begin();
      freezeTime(Date.now());
      await connect();
      const first = store.accessToken;
      await client.call('tasks_list');

      passSeconds(TOKEN_SECONDS + 1);
      recorded.traffic = [];
      await client.call('tasks_list');
      expect(recorded.traffic).toEqual([
        'POST /mcp 401',
        'POST /oauth/token 200',
        'POST /mcp 200',
      ]);
      expect(store.accessToken).not.toBe(first);
      expect(shown).toEqual([shown[0], shown[0]]);

      passSeconds(PROVIDER_TOKEN_SECONDS - TOKEN_SECONDS);
      recorded.traffic = [];
      await client.call('tasks_list');
      expect(recorded.traffic).toEqual(['POST /mcp 200']);
      expect(shown).toHaveLength(3);
      expect(shown[2]).not.toBe(shown[0]);
      expect(decodeJwt(shown[2] ?? '')).toMatchObject({
        iss: running.provider.issuer,
        sub: name,
      });
    });

    it('asks for a missing scope, and the person agrees without another login', async () => {
      begin();
      await connect();
      const title = `Call the bank, ${era} ${sdk}`;
      await expect(client.call('tasks_add', { title })).rejects.toThrow(
        'Unauthorized',
      );
      // The v1 client tries a refresh first.
      const refresh = sdk === 'v1' ? ['POST /oauth/token 400'] : [];
      expect(recorded.traffic).toEqual(['POST /mcp 403', ...refresh]);
      expect(store.requestedScopes).toEqual(['tasks:read', 'tasks:write']);

      const visit = await logIn(acting());
      expect(visit.prompts).toEqual(['allow']);
      expect(visit.html).toContain('tasks:write');
      const task: unknown = JSON.parse(
        await client.call('tasks_add', { title }),
      );
      expect(task).toMatchObject({ title });
      expect(JSON.parse(await client.call('tasks_list'))).toEqual([task]);
    });

    it('lets nobody in after the grant was revoked', async () => {
      begin();
      await connect();
      await client.call('tasks_list');
      const revoked = await fetch(`${origin}/oauth/revoke`, {
        method: 'POST',
        body: new URLSearchParams({
          token: store.stored?.refresh_token ?? '',
          client_id: store.registration?.client_id ?? '',
        }),
      });
      expect(revoked.status).toBe(200);
      recorded.traffic = [];
      await expect(client.call('tasks_list')).rejects.toThrow('Unauthorized');
      expect(recorded.traffic.slice(0, 2)).toEqual([
        'POST /mcp 401',
        'POST /oauth/token 400',
      ]);
      // And begins anew.
      expect((await logIn(acting())).prompts).toEqual(['allow']);
      await expect(client.call('tasks_list')).resolves.toBeDefined();
    });
  });
});
