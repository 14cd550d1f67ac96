import {
  startFakeUpstream,
  type FakeUpstream,
} from '../../../test/support/fake-upstream.js';
import { authMethodOf, openIdMetadata } from './openid-metadata.js';
import { createUpstream } from './upstream.flow.js';

let fake: FakeUpstream;
beforeEach(async () => {
  fake = await startFakeUpstream();
});
afterEach(() => fake.close());

const find = () => openIdMetadata(fake.issuer, 1000);

it('takes metadata of exactly the issuer', async () => {
  await expect(find()).resolves.toMatchObject({ issuer: fake.issuer });
});

it.each(['authorization_endpoint', 'token_endpoint', 'jwks_uri'])(
  'names %s where it is missing',
  async (member) => {
    fake.discover({ [member]: undefined });
    await expect(find()).rejects.toMatchObject({
      name: 'UpstreamConfigurationError',
      message: expect.stringContaining(`has no ${member}`),
    });
  },
);

it('does not take a server of plain OAuth, which tells nobody apart', async () => {
  fake.discover({ id_token_signing_alg_values_supported: undefined });
  await expect(find()).rejects.toThrow(
    `authorizationServer.upstream: issuer "${fake.issuer}" cannot log people in. It is no OpenID provider`,
  );
});

it('prefers the document that tells of OpenID to the one that does not', async () => {
  fake.routes.set('/.well-known/oauth-authorization-server', {
    json: { issuer: fake.issuer, token_endpoint: 'https://plain.example' },
  });
  await expect(find()).resolves.toMatchObject({
    token_endpoint: `${fake.issuer}/token`,
  });
});

it('stops at start-up where the provider takes no secret, and tells of authMethod', async () => {
  fake.discover({ token_endpoint_auth_methods_supported: ['private_key_jwt'] });
  const options = {
    issuer: fake.issuer,
    clientId: 'atlas',
    clientSecret: 'secret',
  };
  await expect(createUpstream(options).prepare()).rejects.toThrow(
    /takes no client secret, but private_key_jwt.*upstream\.authMethod/,
  );
  const told = createUpstream({ ...options, authMethod: 'client_secret_post' });
  await expect(told.prepare()).resolves.toBeUndefined();
});

it.each([
  [undefined, 'client_secret_basic'],
  [['client_secret_post', 'client_secret_basic'], 'client_secret_basic'],
  [['client_secret_post', 'none'], 'client_secret_post'],
])('for methods %j chooses %s', (methods, method) => {
  const metadata = { issuer: 'https://login.example.com' };
  expect(
    authMethodOf({
      ...metadata,
      token_endpoint_auth_methods_supported: methods,
    }),
  ).toBe(method);
});

describe('metadataUrl', () => {
  const elsewhere = (changes: object = {}) => {
    fake.routes.set('/tenant/metadata', {
      json: {
        issuer: fake.issuer,
        authorization_endpoint: `${fake.issuer}/auth`,
        token_endpoint: `${fake.issuer}/token`,
        jwks_uri: `${fake.issuer}/jwks`,
        id_token_signing_alg_values_supported: ['ES256'],
        ...changes,
      },
    });
    return `${fake.issuer}/tenant/metadata`;
  };
  const client = { clientId: 'atlas', clientSecret: 'secret' };
  const leg = {
    redirectUri: 'http://127.0.0.1:1/callback',
    state: 'state',
    nonce: 'nonce',
    codeVerifier: 'v'.repeat(43),
  };

  it('finds the provider by itself', async () => {
    const upstream = createUpstream({ ...client, metadataUrl: elsewhere() });
    await upstream.prepare();
    const { origin, pathname } = await upstream.authorizationUrl(leg);
    expect(origin + pathname).toBe(`${fake.issuer}/auth`);
    expect(upstream.name).toBe(new URL(fake.issuer).host);
    expect(fake.count('/.well-known/openid-configuration')).toBe(0);
  });

  it('must not contradict the issuer', async () => {
    const metadataUrl = elsewhere({ issuer: 'https://other.example.com' });
    await expect(
      createUpstream({ ...client, metadataUrl }).prepare(),
    ).rejects.toThrow('of another origin');
    await expect(
      createUpstream({ ...client, metadataUrl, issuer: fake.issuer }).prepare(),
    ).rejects.toThrow('Configure the issuer letter for letter');
  });

  it('has to be that of an OpenID provider', async () => {
    const metadataUrl = elsewhere({
      id_token_signing_alg_values_supported: undefined,
    });
    await expect(
      createUpstream({ ...client, metadataUrl }).prepare(),
    ).rejects.toThrow('Configure its openid-configuration');
  });

  it.each([
    ['jwks_uri', 'Its metadata has no jwks_uri'],
    ['token_endpoint', 'Its metadata has no token_endpoint'],
  ])('names %s where it is missing', async (member, message) => {
    const metadataUrl = elsewhere({ [member]: undefined });
    await expect(
      createUpstream({ ...client, metadataUrl }).prepare(),
    ).rejects.toThrow(message);
  });

  it('leaves the page to log in to authorizationEndpoint', async () => {
    const upstream = createUpstream({
      ...client,
      issuer: fake.issuer,
      authorizationEndpoint: `${fake.issuer}/log-in`,
    });
    const { pathname, searchParams } = await upstream.authorizationUrl(leg);
    expect(pathname).toBe('/log-in');
    expect(searchParams.get('client_id')).toBe('atlas');
  });
});
