import { auth0 } from '../../auth/presets/auth0.js';
import { cognito } from '../../auth/presets/cognito.js';
import { entra } from '../../auth/presets/entra.js';
import { keycloak } from '../../auth/presets/keycloak.js';
import { okta } from '../../auth/presets/okta.js';
import type { UpstreamOptions } from '../../auth/issuer/upstream-options.interface.js';
import { githubLogin, googleLogin } from './login-presets.js';
import { createUpstream } from './upstream.flow.js';
import { upstreamSettings, presetOptions } from './upstream-settings.js';

const TENANT = '11111111-2222-3333-4444-555555555555';

const KEYCLOAK = { url: 'https://login.example.com/auth/', realm: 'a b' };
const COGNITO = {
  region: 'eu-central-1',
  userPoolId: 'eu-central-1_Ab1',
  clientId: 'atlas',
};
const ENTRA = { tenantId: TENANT, clientId: TENANT };

type Preset = NonNullable<UpstreamOptions['preset']>;

const optionsOf = (preset: Preset): UpstreamOptions => ({
  preset,
  clientId: 'atlas',
  clientSecret: 'secret',
});

/** What the login at a provider is made of. */
const loginOf = (preset: Preset) => {
  const options = presetOptions(optionsOf(preset));
  return { ...upstreamSettings(options), issuer: options.preset?.issuer };
};

const PRESETS: [string, Preset, string][] = [
  ['Google', googleLogin(), 'https://accounts.google.com'],
  [
    'Microsoft',
    entra(ENTRA),
    `https://login.microsoftonline.com/${TENANT}/v2.0`,
  ],
  [
    'Auth0',
    auth0({ domain: 'atlas.eu.auth0.com' }),
    'https://atlas.eu.auth0.com/',
  ],
  [
    'Okta',
    okta({ domain: 'atlas.okta.com' }),
    'https://atlas.okta.com/oauth2/default',
  ],
  [
    'Keycloak',
    keycloak(KEYCLOAK),
    'https://login.example.com/auth/realms/a%20b',
  ],
  [
    'Amazon Cognito',
    cognito(COGNITO),
    'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Ab1',
  ],
];

it.each(PRESETS)('%s is found by its issuer', (name, preset, issuer) => {
  expect(loginOf(preset)).toMatchObject({ name, issuer });
  expect(loginOf(preset).scopes).toContain('openid');
  expect(createUpstream(optionsOf(preset)).name).toBe(name);
});

it('asks each provider for refresh tokens in its own way', () => {
  expect(googleLogin().parameters).toEqual({
    access_type: 'offline',
    prompt: 'consent',
  });
  for (const preset of [
    entra(ENTRA),
    auth0({ domain: 'a.example' }),
    okta({ domain: 'a.example' }),
  ]) {
    expect(loginOf(preset).scopes).toContain('offline_access');
  }
  for (const preset of [googleLogin(), keycloak(KEYCLOAK), cognito(COGNITO)]) {
    expect(loginOf(preset).scopes).not.toContain('offline_access');
  }
});

it('knows national clouds of Microsoft and other servers of Okta', () => {
  const cloud = { ...ENTRA, host: 'login.microsoftonline.us' };
  expect(loginOf(entra(cloud)).issuer).toBe(
    `https://login.microsoftonline.us/${TENANT}/v2.0`,
  );
  const other = { domain: 'atlas.okta.com', authorizationServerId: 'aus1' };
  expect(loginOf(okta(other)).issuer).toBe(
    'https://atlas.okta.com/oauth2/aus1',
  );
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

it('has the URL of a GitHub of another form named', () => {
  expect(() => githubLogin({ url: 'https://a.example/path' })).toThrow(
    'githubLogin: url is "',
  );
});
