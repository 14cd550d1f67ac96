import { githubLogin } from './github-login.js';
import type { UpstreamPreset } from '../../auth/issuer/upstream-options.interface.js';
import {
  auth0Login,
  cognitoLogin,
  entraLogin,
  googleLogin,
  keycloakLogin,
  oktaLogin,
} from './upstream-presets.js';
import { createUpstream } from './upstream.flow.js';

const TENANT = '11111111-2222-3333-4444-555555555555';

const PRESETS: [string, UpstreamPreset, string][] = [
  ['Google', googleLogin(), 'https://accounts.google.com'],
  [
    'Microsoft',
    entraLogin({ tenantId: TENANT }),
    `https://login.microsoftonline.com/${TENANT}/v2.0`,
  ],
  [
    'Auth0',
    auth0Login({ domain: 'atlas.eu.auth0.com' }),
    'https://atlas.eu.auth0.com/',
  ],
  [
    'Okta',
    oktaLogin({ domain: 'atlas.okta.com' }),
    'https://atlas.okta.com/oauth2/default',
  ],
  [
    'Keycloak',
    keycloakLogin({ url: 'https://login.example.com/auth/', realm: 'a b' }),
    'https://login.example.com/auth/realms/a%20b',
  ],
  [
    'Amazon Cognito',
    cognitoLogin({ region: 'eu-central-1', userPoolId: 'eu-central-1_Ab1' }),
    'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1',
  ],
];

it.each(PRESETS)('%s is found by its issuer', (name, preset, issuer) => {
  expect(preset).toMatchObject({ name, issuer });
  expect(preset.scopes).toContain('openid');
  const options = { preset, clientId: 'atlas', clientSecret: 'secret' };
  expect(createUpstream(options).name).toBe(name);
});

it('asks each provider for refresh tokens in its own way', () => {
  expect(googleLogin().parameters).toEqual({
    access_type: 'offline',
    prompt: 'consent',
  });
  for (const preset of [
    entraLogin({ tenantId: TENANT }),
    auth0Login({ domain: 'a.example' }),
    oktaLogin({ domain: 'a.example' }),
  ]) {
    expect(preset.scopes).toContain('offline_access');
  }
  for (const preset of [
    googleLogin(),
    keycloakLogin({ url: 'https://a.example', realm: 'a' }),
    cognitoLogin({ region: 'eu-west-1', userPoolId: 'eu-west-1_A' }),
  ]) {
    expect(preset.scopes).not.toContain('offline_access');
  }
});

it('knows national clouds of Microsoft and other servers of Okta', () => {
  const entra = { tenantId: TENANT, host: 'login.microsoftonline.us' };
  expect(entraLogin(entra).issuer).toBe(
    `https://login.microsoftonline.us/${TENANT}/v2.0`,
  );
  const okta = { domain: 'atlas.okta.com', authorizationServerId: 'aus1' };
  expect(oktaLogin(okta).issuer).toBe('https://atlas.okta.com/oauth2/aus1');
});

describe('GitHub', () => {
  it.each([
    [undefined, 'https://github.com', 'https://api.github.com/user'],
    [
      'https://git.example.com/',
      'https://git.example.com',
      'https://git.example.com/api/v3/user',
    ],
    [
      'https://octo.ghe.com',
      'https://octo.ghe.com',
      'https://api.octo.ghe.com/user',
    ],
  ])('at %s has its endpoints', (url, origin, userEndpoint) => {
    expect(githubLogin({ url }).oauth).toEqual({
      issuer: `${origin}/login/oauth`,
      authorizationEndpoint: `${origin}/login/oauth/authorize`,
      tokenEndpoint: `${origin}/login/oauth/access_token`,
      userEndpoint,
      subject: 'id',
      displayName: 'login',
    });
  });

  it('takes endpoints that differ', () => {
    const endpoints = {
      authorizationEndpoint: 'https://a.example/auth',
      tokenEndpoint: 'https://a.example/token',
      userEndpoint: 'https://a.example/user',
    };
    expect(githubLogin(endpoints).oauth).toMatchObject(endpoints);
  });
});

it.each<[string, (options: never) => UpstreamPreset, object]>([
  ['domain', auth0Login, {}],
  ['domain', oktaLogin, {}],
  ['tenantId', entraLogin, {}],
  ['url', keycloakLogin, { realm: 'a' }],
  ['realm', keycloakLogin, { url: 'https://a.example' }],
  ['region', cognitoLogin, { userPoolId: 'eu-west-1_A' }],
  ['userPoolId', cognitoLogin, { region: 'eu-west-1' }],
])(
  '%s that comes as nothing, or of another kind, is named',
  (option, preset, others) => {
    for (const value of [undefined, null, 5, '']) {
      expect(() => preset({ ...others, [option]: value } as never)).toThrow(
        `${preset.name}: ${option} is ${JSON.stringify(value)}. Write it as in "`,
      );
    }
  },
);

it.each<[string, () => UpstreamPreset]>([
  ['entraLogin: tenantId', () => entraLogin({ tenantId: 'common' })],
  ['entraLogin: host', () => entraLogin({ tenantId: TENANT, host: 'a/b' })],
  ['auth0Login: domain', () => auth0Login({ domain: 'https://a.example' })],
  ['oktaLogin: domain', () => oktaLogin({ domain: 'a.example/x' })],
  [
    'oktaLogin: authorizationServerId',
    () => oktaLogin({ domain: 'a.example', authorizationServerId: '../x' }),
  ],
  ['keycloakLogin: url', () => keycloakLogin({ url: 'a.example', realm: 'a' })],
  [
    'keycloakLogin: realm',
    () => keycloakLogin({ url: 'https://a.example', realm: '' }),
  ],
  [
    'cognitoLogin: region',
    () => cognitoLogin({ region: 'a/b', userPoolId: 'eu-west-1_A' }),
  ],
  [
    'cognitoLogin: userPoolId',
    () => cognitoLogin({ region: 'eu-west-1', userPoolId: 'x' }),
  ],
  ['githubLogin: url', () => githubLogin({ url: 'https://a.example/path' })],
  ['githubLogin: url', () => githubLogin({ url: 'github.example.com' })],
])('%s of another form does not start', (name, create) => {
  expect(create).toThrow(`${name} is "`);
});
