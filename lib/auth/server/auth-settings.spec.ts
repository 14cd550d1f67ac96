import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';
import { StaticTokenVerifier } from '../verifiers/static-token.verifier.js';
import { authSettings } from './auth-settings.js';

const ISSUER = 'https://login.example.com';

describe('authSettings', () => {
  it('takes `scopes` for `requiredScopes`', () => {
    expect(authSettings({ scopes: ['a', 'b'] })).toEqual({
      requiredScopes: ['a', 'b'],
    });
  });

  it('takes both names of one option where they agree in any order', () => {
    expect(
      authSettings({ scopes: ['a', 'b'], requiredScopes: ['b', 'a'] }),
    ).toEqual({ requiredScopes: ['b', 'a'] });
  });

  it('refuses two names of one option that differ', () => {
    expect(() =>
      authSettings({ scopes: ['a'], requiredScopes: ['b'] }),
    ).toThrow(
      'auth.requiredScopes and auth.scopes are two names of one option, and differ (b; a). Keep one.',
    );
  });

  it('makes a ProviderTokenVerifier of what describes a provider', () => {
    const settings = authSettings({
      issuer: ISSUER,
      authorizationEndpoint: `${ISSUER}/authorize`,
      tokenEndpoint: `${ISSUER}/token`,
      clientId: 'atlas',
      clientSecret: 'secret',
      scopes: ['atlas:read'],
    });
    expect(settings.verifier).toBeInstanceOf(ProviderTokenVerifier);
    expect(settings.authorizationServers).toEqual([ISSUER]);
    expect(settings.requiredScopes).toEqual(['atlas:read']);
    expect(JSON.stringify(settings)).not.toContain('secret');
  });

  it('leaves the issuer to discovery where only an endpoint is given', () => {
    const settings = authSettings({ tokenEndpoint: `${ISSUER}/token` });
    expect(settings.verifier).toBeInstanceOf(ProviderTokenVerifier);
    expect(settings.authorizationServers).toBeUndefined();
  });

  it.each([
    { issuer: ISSUER },
    { tokenEndpoint: `${ISSUER}/token` },
    { authorizationEndpoint: `${ISSUER}/authorize` },
    { clientId: 'atlas' },
    { clientSecret: 'secret' },
  ])('refuses a provider beside a verifier: %j', (description) => {
    const [option] = Object.keys(description);
    const verifier = new StaticTokenVerifier(['t']);
    for (const other of [{ verifier }, { verifier: false as const }]) {
      expect(() => authSettings({ ...description, ...other })).toThrow(
        `auth.${option} describes an identity provider, while auth.verifier is given`,
      );
    }
  });

  it('refuses authorization servers whose tokens would not be accepted', () => {
    expect(() =>
      authSettings({
        issuer: ISSUER,
        authorizationServers: ['https://other.example.com'],
      }),
    ).toThrow(
      `auth.issuer is "${ISSUER}", but auth.authorizationServers sends clients to https://other.example.com`,
    );
  });

  it('refuses a client that nothing says the provider of', () => {
    expect(() => authSettings({ clientId: 'a', clientSecret: 'b' })).toThrow(
      'nothing tells how to check a token',
    );
  });
});

describe.each(['registration', 'revocation'] as const)('auth.%s', (option) => {
  const server = { login: { authenticate: () => null } } as never;

  it.each([{ enabled: true }, { enabled: false }, {}])(
    'is refused without an authorization server: %j',
    (value) => {
      for (const more of [{}, { verifier: new StaticTokenVerifier(['t']) }]) {
        expect(() => authSettings({ ...more, [option]: value })).toThrow(
          `auth.${option} configures the application's own authorization server, and there is none`,
        );
      }
    },
  );

  it('becomes that of the authorization server', () => {
    const settings = authSettings({
      authorizationServer: server,
      [option]: { enabled: false },
    });
    expect(settings.authorizationServer?.[option]).toEqual({ enabled: false });
    expect(settings).not.toHaveProperty(option);
  });

  it('is refused where the authorization server has it as well', () => {
    expect(() =>
      authSettings({
        authorizationServer: {
          ...(server as object),
          [option]: { enabled: true },
        } as never,
        [option]: { enabled: false },
      }),
    ).toThrow(
      `auth.${option} and auth.authorizationServer.${option} are two names of one option. Keep one.`,
    );
  });
});
