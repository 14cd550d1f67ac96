import {
  startLoopbackServer,
  type LoopbackServer,
  type Reply,
} from '../../../test/support/loopback-server.js';
import { githubLogin } from './login-presets.js';
import type { UpstreamPreset } from '../../auth/issuer/upstream-options.interface.js';
import { createUpstream } from './upstream.flow.js';
import type { UpstreamProvider } from './upstream.provider.js';

const SECRET = 'a-github-s3cret';
const headers = { 'content-type': 'application/json; charset=utf-8' };
const leg = {
  redirectUri: 'https://api.example.com/oauth/callback',
  state: 'state',
  nonce: 'nonce',
  codeVerifier: 'v'.repeat(43),
};
const refused = { name: 'UpstreamRefusedError' };
const unavailable = { name: 'UpstreamUnavailableError' };

/** GitHub, as far as a login goes. */
let github: LoopbackServer;
let provider: UpstreamProvider;

const TOKEN = '/login/oauth/access_token';
const USER = '/api/v3/user';

beforeEach(async () => {
  github = await startLoopbackServer();
  provider = withPreset({});
  answer(TOKEN, {
    access_token: 'gho_token',
    token_type: 'bearer',
    scope: 'read:user',
  });
  answer(USER, { id: 583231, login: 'octocat', name: 'The Octocat' });
});
afterEach(() => github.close());

function withPreset(changes: Partial<UpstreamPreset>): UpstreamProvider {
  const preset = githubLogin({ url: github.origin });
  return createUpstream({
    preset: { ...preset, ...changes },
    clientId: 'atlas',
    clientSecret: SECRET,
    timeout: 300,
  });
}

function answer(path: string, json: unknown, status = 200): void {
  github.routes.set(path, { status, headers, json });
}

function callback(parameters: Record<string, string> = {}): URL {
  const url = new URL(leg.redirectUri);
  url.search = new URLSearchParams({
    code: 'abc',
    state: 'state',
    ...parameters,
  }).toString();
  return url;
}

it('sends the browser there with PKCE and state, and no nonce', async () => {
  await provider.prepare();
  const url = await provider.authorizationUrl(leg);
  expect(url.origin + url.pathname).toBe(
    `${github.origin}/login/oauth/authorize`,
  );
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: 'atlas',
    response_type: 'code',
    redirect_uri: leg.redirectUri,
    scope: 'read:user',
    state: 'state',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
  });
});

it('asks who it is with the token that it exchanged the code for', async () => {
  await expect(provider.redeem(callback(), leg)).resolves.toEqual({
    person: { subject: '583231', displayName: 'octocat' },
    tokens: { accessToken: 'gho_token', scope: 'read:user' },
  });
  const [token, user] = github.requests;
  expect(Object.fromEntries(new URLSearchParams(token?.body))).toEqual({
    grant_type: 'authorization_code',
    client_id: 'atlas',
    client_secret: SECRET,
    code: 'abc',
    code_verifier: leg.codeVerifier,
    redirect_uri: leg.redirectUri,
  });
  expect(token?.headers.accept).toBe('application/json');
  expect(user?.headers).toMatchObject({
    authorization: 'Bearer gho_token',
    'user-agent': expect.any(String),
  });
});

it('takes the iss that GitHub sends, and no other', async () => {
  const iss = `${github.origin}/login/oauth`;
  await expect(provider.redeem(callback({ iss }), leg)).resolves.toMatchObject({
    person: { subject: '583231' },
  });
  await expect(
    provider.redeem(callback({ iss: 'https://evil.example' }), leg),
  ).rejects.toMatchObject(refused);
});

it('does not look at iss where none is known', async () => {
  const { oauth } = githubLogin({ url: github.origin });
  const open = withPreset({ oauth: { ...oauth!, issuer: undefined } });
  await expect(
    open.redeem(callback({ iss: 'https://any.example' }), leg),
  ).resolves.toMatchObject({ person: { subject: '583231' } });
});

it('refuses a foreign state before it asks anybody', async () => {
  await expect(
    provider.redeem(callback({ state: 'other' }), leg),
  ).rejects.toMatchObject(refused);
  expect(github.requests).toEqual([]);
});

it('refuses a login that was denied there', async () => {
  await expect(
    provider.redeem(callback({ error: 'access_denied' }), leg),
  ).rejects.toMatchObject({
    ...refused,
    message: expect.stringContaining('access_denied'),
  });
});

it.each([
  ['bad_verification_code', refused],
  ['bad_refresh_token', refused],
  ['incorrect_client_credentials', unavailable],
  ['redirect_uri_mismatch', unavailable],
])('reads %s, sent with status 200', async (error, expected) => {
  answer(TOKEN, { error, error_description: SECRET });
  for (const task of [
    provider.redeem(callback(), leg),
    provider.refresh({ accessToken: 'a', refreshToken: 'r' }, '583231'),
  ]) {
    await expect(task).rejects.toMatchObject({
      ...expected,
      message: expect.not.stringContaining(SECRET),
    });
  }
});

it.each([
  ['no subject', { login: 'octocat' }],
  ['an empty subject', { id: '' }],
  ['a number that was rounded', { id: 2 ** 53 }],
  ['a subject that is no value', { id: { n: 1 } }],
  ['null as subject', { id: null }],
])('refuses a user with %s', async (_what, user) => {
  answer(USER, user);
  await expect(provider.redeem(callback(), leg)).rejects.toMatchObject(refused);
});

it.each([401, 403])('refuses a token whose user gets %i', async (status) => {
  answer(USER, { message: 'Bad credentials' }, status);
  await expect(provider.redeem(callback(), leg)).rejects.toMatchObject(refused);
});

it.each<[string, Reply]>([
  ['hangs', 'hang'],
  ['hangs up', 'drop'],
  ['fails', { status: 500 }],
  ['sends HTML', { text: '<h1>Hi</h1>' }],
  ['sends 10 MB', { headers, text: `"${'x'.repeat(10 * 1024 * 1024)}"` }],
])('is unavailable where an endpoint %s', async (_what, reply) => {
  github.routes.set(USER, reply);
  await expect(provider.redeem(callback(), leg)).rejects.toMatchObject(
    unavailable,
  );
  github.routes.set(TOKEN, reply);
  await expect(provider.redeem(callback(), leg)).rejects.toMatchObject(
    unavailable,
  );
});

it('renews tokens that expire, and refuses where there are none for it', async () => {
  answer(TOKEN, {
    access_token: 'ghu_new',
    token_type: 'bearer',
    expires_in: 28800,
    refresh_token: 'ghr_new',
  });
  const old = { accessToken: 'ghu_old', refreshToken: 'ghr_old', scope: 's' };
  await expect(provider.refresh(old, '583231')).resolves.toEqual({
    accessToken: 'ghu_new',
    refreshToken: 'ghr_new',
    scope: 's',
    expiresAt: expect.any(Number),
  });
  await expect(
    provider.refresh({ accessToken: 'gho_token' }, '583231'),
  ).rejects.toMatchObject(refused);
});
