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
import { PageBrowser } from '../support/page-browser.js';

const REDIRECT = 'http://127.0.0.1:7777/client-callback';

describe.each(MAIN_TWO)('options of registration on %s', (adapter) => {
  const redirect_uris = [REDIRECT];
  let server: Issuing | undefined;

  afterEach(async () => {
    releaseTime();
    await server?.close();
  });

  it('initialAccessToken is asked of everybody (RFC 7591, section 3)', async () => {
    const token = 'initial-access-token-of-the-team';
    server = await bootIssuing(adapter, {
      registration: { initialAccessToken: token },
    });
    const { issuer } = server;
    const register = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${issuer}/oauth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ redirect_uris }),
      });
    const wrong: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong' },
    ];
    for (const headers of wrong) {
      const answer = await register(headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    }
    const right = await register({ authorization: `Bearer ${token}` });
    expect(right.status).toBe(201);
  });

  it('secretExpirySeconds limits a secret (RFC 7591, section 3.2.1)', async () => {
    freezeTime(Date.now());
    server = await bootIssuing(adapter, {
      registration: { secretExpirySeconds: 60 },
    });
    const client = new HandClient(server.issuer, server.endpoint);
    const answer = await client.register({
      token_endpoint_auth_method: 'client_secret_post',
    });
    const { client_secret_expires_at: end } = (await answer.json()) as Record<
      string,
      number
    >;
    expect(end).toBe(Math.floor(Date.now() / 1000) + 60);
    const error = async (): Promise<unknown> =>
      (await client.token({ code: 'none' })).json();
    expect(await error()).toHaveProperty('error', 'invalid_grant');
    passSeconds(90);
    expect(await error()).toHaveProperty('error', 'invalid_client');
  });

  it('enabled: false offers no endpoint, and names none', async () => {
    server = await bootIssuing(adapter, { registration: { enabled: false } });
    const client = new HandClient(server.issuer, server.endpoint);
    const answer = await fetch(`${client.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris }),
    });
    expect(answer.status).toBe(404);
    const metadata = await fetch(
      `${client.issuer}/.well-known/oauth-authorization-server`,
    );
    expect(await metadata.json()).not.toHaveProperty('registration_endpoint');
  });

  it('clientName, endpoint, validScopes and defaultScopes are what clients get', async () => {
    server = await bootIssuing(adapter, {
      registration: {
        clientName: 'Some assistant',
        endpoint: '/enrol',
        validScopes: ['notes:read', 'notes:write', 'extra'],
        defaultScopes: ['notes:read'],
      },
    });
    const metadata = await fetch(
      `${server.issuer}/.well-known/oauth-authorization-server`,
    );
    expect(await metadata.json()).toMatchObject({
      registration_endpoint: `${server.issuer}/enrol`,
      scopes_supported: ['notes:read', 'notes:write', 'extra'],
    });
    const answer = await fetch(`${server.issuer}/enrol`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        redirect_uris,
        token_endpoint_auth_method: 'none',
        scope: 'extra',
      }),
    });
    expect(answer.status).toBe(201);
    const body = (await answer.json()) as Record<string, string>;
    expect(body['client_name']).toBe('Some assistant');
    const client = new HandClient(server.issuer, server.endpoint);
    client.clientId = body['client_id'] ?? '';
    const code = await client.logIn(new PageBrowser());
    const tokens = await (await client.token({ code })).json();
    expect(tokens).toMatchObject({ scope: 'notes:read' });
  });

  it('redirectUris hold for clients that registered under others, too', async () => {
    const store = new MemoryOAuthStore();
    const boot = (redirectUris: string[]): Promise<Issuing> =>
      bootIssuing(adapter, {
        store,
        issuer: 'https://auth.example',
        registration: { redirectUris },
      });
    const before = await boot(['loopback']);
    const client = new HandClient(before.url, before.endpoint);
    await client.register();
    await before.close();
    server = await boot(['https']);
    const url = client.authorizationUrl({ resource: server.endpoint });
    url.port = new URL(server.url).port;
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toHaveProperty('error', 'invalid_redirect_uri');
  });
});
