import {
  startFakeUpstream,
  type FakeUpstream,
} from '../../../../test/support/fake-upstream.js';
import { authMethodOf, openIdMetadata } from './openid-metadata.js';
import { createUpstream } from './upstream.factory.js';

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
