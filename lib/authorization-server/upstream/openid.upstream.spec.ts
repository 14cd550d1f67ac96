import { jest } from '@jest/globals';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import { OAuthBrowser } from '../../../test/support/oauth-browser.js';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from '../../../test/support/upstream-provider.js';
import type { UpstreamOptions } from '../../auth/issuer/upstream-options.interface.js';
import { createUpstream } from './upstream.flow.js';
import type { UpstreamLeg, UpstreamProvider } from './upstream.provider.js';

const REDIRECT_URI = 'http://127.0.0.1:49152/oauth/callback';
const OFFLINE = ['openid', 'profile', 'offline_access'];

const leg: UpstreamLeg = {
  redirectUri: REDIRECT_URI,
  state: 'state-of-this-login',
  nonce: 'nonce-of-this-login',
  codeVerifier: 'v'.repeat(43),
};
const refused = { name: 'UpstreamRefusedError' };
const unavailable = { name: 'UpstreamUnavailableError' };

let server: UpstreamServer;

beforeAll(async () => {
  for (const method of ['info', 'warn'] as const) {
    jest.spyOn(console, method).mockImplementation(() => undefined);
  }
  server = await startUpstreamProvider([REDIRECT_URI]);
});
afterAll(async () => {
  await server.close();
  jest.restoreAllMocks();
});
afterEach(() => {
  server.isDown = false;
  releaseTime();
});

function upstream(changes: Partial<UpstreamOptions> = {}): UpstreamProvider {
  return createUpstream({
    issuer: server.issuer,
    ...UPSTREAM_CLIENT,
    ...changes,
  });
}

/** Logs Ada in there. */
async function callbackFor(provider: UpstreamProvider): Promise<URL> {
  const url = await provider.authorizationUrl(leg);
  return (await new OAuthBrowser('ada').visit(url)).callback;
}

describe('the authorization request', () => {
  it('carries PKCE with S256, state, nonce, scopes and the redirect URI', async () => {
    const url = await upstream().authorizationUrl(leg);
    expect(url.origin).toBe(server.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'atlas',
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      state: leg.state,
      nonce: leg.nonce,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(url.href).not.toContain(leg.codeVerifier);
  });

  it('carries audience, and asks for consent where access is to be offline', async () => {
    const url = await upstream({
      audience: 'https://api.example.com',
      scopes: OFFLINE,
    }).authorizationUrl(leg);
    expect(url.searchParams.get('audience')).toBe('https://api.example.com');
    expect(url.searchParams.get('prompt')).toBe('consent');
    expect(url.searchParams.get('scope')).toBe(OFFLINE.join(' '));
  });

  it('carries the parameters of a preset', async () => {
    const url = await createUpstream({
      preset: {
        name: 'Ours',
        issuer: server.issuer,
        scopes: ['openid', 'offline_access'],
        parameters: { access_type: 'offline' },
      },
      ...UPSTREAM_CLIENT,
    }).authorizationUrl(leg);
    expect(url.searchParams.get('access_type')).toBe('offline');
    expect(url.searchParams.has('prompt')).toBe(false);
  });
});

describe('a login', () => {
  it('tells who it was by sub, with a name and the tokens', async () => {
    const provider = upstream({ scopes: OFFLINE });
    const before = Math.floor(Date.now() / 1000);
    const { person, tokens } = await provider.redeem(
      await callbackFor(provider),
      leg,
    );
    expect(person).toEqual({ subject: 'ada', displayName: 'ADA' });
    expect(tokens).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      scope: OFFLINE.join(' '),
      expiresAt: expect.any(Number),
    });
    expect(tokens.expiresAt).toBeGreaterThan(before);
    expect(server.requests).toContain('GET /jwks');
  });

  it('goes without a name, and asks nobody for one, where the scopes give none', async () => {
    const provider = upstream();
    const callback = await callbackFor(provider);
    server.requests.length = 0;
    const { person } = await provider.redeem(callback, leg);
    expect(person).toEqual({ subject: 'ada' });
    expect(server.requests).not.toContain('GET /me');
  });

  it('names the redirect URI as it was sent, whatever a proxy made of it since', async () => {
    const provider = upstream();
    const { search } = await callbackFor(provider);
    const behind = new URL(`http://10.0.0.1/inner/callback${search}`);
    await expect(provider.redeem(behind, leg)).resolves.toMatchObject({
      person: { subject: 'ada' },
    });
  });

  it.each<[string, Partial<UpstreamLeg>]>([
    ['another nonce', { nonce: 'other' }],
    ['another state', { state: 'other' }],
    ['another PKCE verifier', { codeVerifier: 'w'.repeat(43) }],
  ])('refuses a code with %s', async (_what, changes) => {
    const provider = upstream();
    const callback = await callbackFor(provider);
    await expect(
      provider.redeem(callback, { ...leg, ...changes }),
    ).rejects.toMatchObject(refused);
  });

  it.each<[string, (query: URLSearchParams) => void]>([
    ['the iss of another', (q) => q.set('iss', 'https://evil.example')],
    ['no iss, which the provider sends', (q) => q.delete('iss')],
    ['two of iss', (q) => q.append('iss', q.get('iss')!)],
    ['no code', (q) => q.delete('code')],
    ['two codes', (q) => q.append('code', 'another')],
    ['a made-up code', (q) => q.set('code', 'made-up')],
    ['error=access_denied', (q) => q.set('error', 'access_denied')],
    ['a token of the implicit flow', (q) => q.set('id_token', 'a.b.c')],
  ])('refuses a callback with %s', async (_what, change) => {
    const provider = upstream();
    const callback = await callbackFor(provider);
    change(callback.searchParams);
    await expect(provider.redeem(callback, leg)).rejects.toMatchObject(refused);
  });

  it('redeems a code once', async () => {
    const provider = upstream();
    const callback = await callbackFor(provider);
    await provider.redeem(callback, leg);
    await expect(provider.redeem(callback, leg)).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('invalid_grant'),
    });
  });

  it('takes error=server_error for an outage', async () => {
    const provider = upstream();
    const callback = await callbackFor(provider);
    callback.searchParams.set('error', 'server_error');
    await expect(provider.redeem(callback, leg)).rejects.toMatchObject(
      unavailable,
    );
  });

  it('takes a wrong client secret for a fault of its own, and does not tell it', async () => {
    const clientSecret = 'a-wrong-s3cret';
    const provider = upstream({ clientSecret });
    const callback = await callbackFor(provider);
    const error = (await provider
      .redeem(callback, leg)
      .catch((e: unknown) => e)) as Error;
    expect(error).toMatchObject(unavailable);
    expect(`${error.message} ${error.stack}`).not.toContain(clientSecret);
    expect(error.cause).toBeUndefined();
  });
});

describe('a refresh', () => {
  async function tokensOfAda(provider: UpstreamProvider) {
    const callback = await callbackFor(provider);
    return (await provider.redeem(callback, leg)).tokens;
  }

  it('gives a new access token, and keeps what is not replaced', async () => {
    const provider = upstream({ scopes: OFFLINE });
    const tokens = await tokensOfAda(provider);
    const renewed = await provider.refresh(tokens, 'ada');
    expect(renewed.accessToken).not.toBe(tokens.accessToken);
    expect(renewed.refreshToken).toEqual(expect.any(String));
    expect(renewed.scope).toBe(tokens.scope);
  });

  it('refuses to take the tokens of another person', async () => {
    const provider = upstream({ scopes: OFFLINE });
    const tokens = await tokensOfAda(provider);
    await expect(provider.refresh(tokens, 'bob')).rejects.toMatchObject(
      refused,
    );
  });

  it('is refused without a refresh token, and with one that is not known', async () => {
    const provider = upstream();
    const tokens = await tokensOfAda(provider);
    expect(tokens.refreshToken).toBeUndefined();
    for (const refreshToken of [undefined, 'unknown']) {
      await expect(
        provider.refresh({ ...tokens, refreshToken }, 'ada'),
      ).rejects.toMatchObject(refused);
    }
  });

  it('is unavailable while the provider is', async () => {
    const provider = upstream({ scopes: OFFLINE });
    const tokens = await tokensOfAda(provider);
    server.isDown = true;
    await expect(provider.refresh(tokens, 'ada')).rejects.toMatchObject(
      unavailable,
    );
  });
});

describe('looking for the provider', () => {
  it('is done once for many logins', async () => {
    const provider = upstream();
    server.requests.length = 0;
    await Promise.all([
      provider.prepare(),
      provider.authorizationUrl(leg),
      provider.authorizationUrl(leg),
    ]);
    expect(
      server.requests.filter((line) => line.includes('/.well-known/')),
    ).toHaveLength(1);
  });

  it('starts without it, and finds it when it is back', async () => {
    freezeTime(Date.now());
    const provider = upstream();
    server.isDown = true;
    await provider.prepare();
    await expect(provider.authorizationUrl(leg)).rejects.toMatchObject(
      unavailable,
    );
    server.isDown = false;
    passSeconds(6);
    await expect(provider.authorizationUrl(leg)).resolves.toBeInstanceOf(URL);
  });

  it.each([
    ['with a slash too many', (issuer: string) => `${issuer}/`, 'names "'],
    ['with a path', (issuer: string) => `${issuer}/x`, 'No metadata'],
  ])('stops at an issuer %s', async (_how, change, message) => {
    const issuer = change(server.issuer);
    const provider = upstream({ issuer });
    await expect(provider.prepare()).rejects.toThrow(
      `authorizationServer.upstream: issuer "${issuer}" cannot log people in`,
    );
    await expect(provider.prepare()).rejects.toThrow(message);
    await expect(provider.authorizationUrl(leg)).rejects.toMatchObject(
      unavailable,
    );
  });

  it('names the issuer’s host, or what it is told', () => {
    expect(upstream().name).toBe(new URL(server.issuer).host);
    expect(upstream({ name: 'Atlas ID' }).name).toBe('Atlas ID');
  });
});
