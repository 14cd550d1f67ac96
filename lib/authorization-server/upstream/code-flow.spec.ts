import {
  startFakeUpstream,
  type FakeUpstream,
} from '../../../test/support/fake-upstream.js';
import {
  createSigningKey,
  signWithSecret,
  unsignedToken,
} from '../../../test/support/signing-key.js';
import type { UpstreamOptions } from '../../auth/issuer/upstream-options.interface.js';
import { createUpstream } from './upstream.flow.js';
import type { UpstreamProvider } from './upstream.provider.js';

const SECRET = 's3cret of thirty-two and more letters';
const leg = {
  redirectUri: 'https://api.example.com/oauth/callback',
  state: 'state',
  nonce: 'nonce',
  codeVerifier: 'v'.repeat(43),
};
const callback = new URL(`${leg.redirectUri}?code=abc&state=state`);
const refused = { name: 'UpstreamRefusedError' };

let fake: FakeUpstream;
beforeEach(async () => {
  fake = await startFakeUpstream();
});
afterEach(() => fake.close());

function upstream(changes: Partial<UpstreamOptions> = {}): UpstreamProvider {
  return createUpstream({
    issuer: fake.issuer,
    clientId: 'atlas',
    clientSecret: SECRET,
    ...changes,
  });
}

describe('an ID token', () => {
  it('that is right tells who logged in', async () => {
    const claims = fake.claims({ name: '  Ada  ', email: 'ada@example.com' });
    fake.issue(await fake.key.sign(claims));
    await expect(upstream().redeem(callback, leg)).resolves.toEqual({
      person: { subject: 'ada', displayName: 'Ada' },
      tokens: { accessToken: 'upstream-token', expiresAt: expect.any(Number) },
    });
  });

  it.each([
    [{ preferred_username: 'ada', email: 'a@example.com' }, 'ada'],
    [{ name: ' ', email: 'a@example.com' }, 'a@example.com'],
    [{ name: 17 }, undefined],
    [{ name: 'x'.repeat(1000) }, 'x'.repeat(100)],
  ])('with %j is shown as %j', async (members, displayName) => {
    fake.issue(await fake.key.sign(fake.claims(members)));
    const { person } = await upstream().redeem(callback, leg);
    expect(person.displayName).toBe(displayName);
  });

  it.each([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another client', { aud: 'other' }],
    [
      'for several clients, authorized by another',
      { aud: ['atlas', 'b'], azp: 'b' },
    ],
    ['of another login', { nonce: 'other' }],
    ['without nonce', { nonce: undefined }],
    ['without sub', { sub: undefined }],
    ['with an empty sub', { sub: '' }],
    ['that has expired', { exp: 1000 }],
  ])('%s is refused', async (_what, changes) => {
    fake.issue(await fake.key.sign(fake.claims(changes)));
    await expect(upstream().redeem(callback, leg)).rejects.toMatchObject(
      refused,
    );
  });

  it.each<[string, () => Promise<string> | string]>([
    [
      'signed by a key of somebody else',
      async () => (await createSigningKey()).sign(fake.claims()),
    ],
    [
      'of a key that the provider does not have',
      () => fake.key.sign(fake.claims(), { kid: 'unknown' }),
    ],
    ['with no signature', () => unsignedToken({ alg: 'none' }, fake.claims())],
    [
      'signed with the client secret',
      () => signWithSecret(SECRET, fake.claims()),
    ],
  ])('%s is refused', async (_what, token) => {
    fake.issue(await token());
    await expect(upstream().redeem(callback, leg)).rejects.toMatchObject(
      refused,
    );
  });

  it('that is missing logs nobody in', async () => {
    fake.issue(undefined);
    await expect(upstream().redeem(callback, leg)).rejects.toMatchObject({
      name: 'UpstreamUnavailableError',
    });
  });

  it('is checked when it comes with a refresh, too', async () => {
    const provider = upstream();
    const tokens = { accessToken: 'old', refreshToken: 'refresh' };
    const other = await createSigningKey();
    fake.issue(await other.sign(fake.claims()));
    await expect(provider.refresh(tokens, 'ada')).rejects.toMatchObject(
      refused,
    );
    fake.issue(await fake.key.sign(fake.claims()));
    await expect(provider.refresh(tokens, 'ada')).resolves.toMatchObject({
      accessToken: 'upstream-token',
      refreshToken: 'refresh',
    });
  });
});

describe('the token request', () => {
  const sent = () => {
    const { headers, body } = fake.requests.find((r) => r.path === '/token')!;
    return {
      authorization: headers.authorization,
      form: Object.fromEntries(new URLSearchParams(body)),
    };
  };
  const basic = `Basic ${Buffer.from(
    `atlas:${new URLSearchParams({ '': SECRET }).toString().slice(1).replaceAll('-', '%2D')}`,
  ).toString('base64')}`;

  beforeEach(async () => fake.issue(await fake.key.sign(fake.claims())));

  it('carries code, verifier and redirect URI, and the secret by basic', async () => {
    await upstream().redeem(callback, leg);
    expect(sent()).toEqual({
      authorization: basic,
      form: {
        grant_type: 'authorization_code',
        code: 'abc',
        redirect_uri: leg.redirectUri,
        code_verifier: leg.codeVerifier,
      },
    });
  });

  it.each<[string, string[] | undefined, Partial<UpstreamOptions>]>([
    ['the provider takes nothing else', ['client_secret_post'], {}],
    ['told to', undefined, { authMethod: 'client_secret_post' }],
  ])('carries the secret by post where %s', async (_why, methods, changes) => {
    fake.discover({ token_endpoint_auth_methods_supported: methods });
    await upstream(changes).redeem(callback, leg);
    expect(sent().authorization).toBeUndefined();
    expect(sent().form).toMatchObject({
      client_id: 'atlas',
      client_secret: SECRET,
    });
  });
});

describe('a name that the ID token lacks', () => {
  const headers = { 'content-type': 'application/json' };

  beforeEach(async () => {
    fake.discover({ userinfo_endpoint: `${fake.issuer}/me` });
    fake.issue(await fake.key.sign(fake.claims()));
  });

  const login = () =>
    upstream({ scopes: ['openid', 'profile'] }).redeem(callback, leg);

  it('is asked for with the new token', async () => {
    fake.routes.set('/me', { headers, json: { sub: 'ada', name: 'Ada' } });
    expect((await login()).person.displayName).toBe('Ada');
    expect(
      fake.requests.find(({ path }) => path === '/me')?.headers.authorization,
    ).toBe('Bearer upstream-token');
  });

  it.each([
    ['is of somebody else', { headers, json: { sub: 'bob', name: 'Bob' } }],
    ['cannot be had', { status: 500 }],
    ['is no JSON', { text: '<html>' }],
  ])('is gone without where the answer %s', async (_why, reply) => {
    fake.routes.set('/me', reply);
    expect((await login()).person).toEqual({ subject: 'ada' });
  });
});
