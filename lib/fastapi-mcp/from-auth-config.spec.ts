import { ProviderTokenVerifier } from '../auth/verifiers/provider/provider-token.verifier.js';
import { StaticTokenVerifier } from '../auth/verifiers/static-token.verifier.js';
import { authSettings } from '../auth/server/auth-settings.js';
import type { AuthConfig } from './auth-config.interface.js';
import { defineOAuthMetadata } from './check-oauth-metadata.js';
import { fromAuthConfig, translateAuthConfig } from './from-auth-config.js';

const LOGIN = 'https://login.example.com';
const metadata = defineOAuthMetadata({
  issuer: LOGIN,
  authorization_endpoint: `${LOGIN}/authorize`,
  token_endpoint: `${LOGIN}/token`,
});
const proxies: AuthConfig = {
  setupProxies: true,
  issuer: LOGIN,
  clientId: 'atlas',
  clientSecret: 'a-s3cret',
};
const direct: AuthConfig = { ...proxies, callback: 'direct' };

/** What the server makes of it, and what is served besides. */
const settingsOf = (config: AuthConfig) => {
  const { options, served } = translateAuthConfig(config);
  return { ...authSettings(options), served };
};

describe('fromAuthConfig', () => {
  it('brings what issues tokens where the other options of auth have no word for it', () => {
    expect(fromAuthConfig(proxies)).not.toHaveProperty('tokenIssuer');
    expect(fromAuthConfig(direct).tokenIssuer).toBeInstanceOf(Function);
    expect(fromAuthConfig(direct)).not.toHaveProperty('callback');
  });

  it('refuses what it does not know', () => {
    expect(() => fromAuthConfig({ setupProxy: true } as never)).toThrow(
      'fromAuthConfig({ setupProxy }): setupProxy is no option',
    );
    expect(() =>
      fromAuthConfig({ tokenIssuer: () => undefined } as never),
    ).toThrow('tokenIssuer');
  });
});

describe('setupProxies', () => {
  it('stands for an authorization server with the provider upstream', () => {
    const settings = settingsOf({
      ...proxies,
      metadataUrl: `${LOGIN}/metadata`,
      authorizeUrl: `${LOGIN}/log-in`,
      audience: 'urn:api',
      metadataPath: '/oauth-metadata',
      authorizationServer: {
        lifetimes: { accessToken: 60 },
        registration: { clientName: 'Someone' },
      },
    });
    expect(settings.authorizationServer).toEqual({
      forwardUpstreamToken: true,
      lifetimes: { accessToken: 60 },
      metadataPath: '/oauth-metadata',
      registration: { clientName: 'Someone' },
      upstream: {
        issuer: LOGIN,
        metadataUrl: `${LOGIN}/metadata`,
        authorizationEndpoint: `${LOGIN}/log-in`,
        clientId: 'atlas',
        clientSecret: 'a-s3cret',
        audience: 'urn:api',
        scopes: ['openid', 'profile', 'email'],
      },
    });
    expect(settings.verifier).toBeUndefined();
    expect(settings.served).toBeUndefined();
  });

  it('asks for the scopes of `defaultScopes`', () => {
    const { authorizationServer } = settingsOf({
      ...proxies,
      defaultScopes: ['openid', 'offline_access'],
    });
    expect(authorizationServer?.upstream?.scopes).toEqual([
      'openid',
      'offline_access',
    ]);
  });

  it('leaves the token of callers on inner requests where told so', () => {
    const { authorizationServer } = settingsOf({
      ...proxies,
      authorizationServer: { forwardUpstreamToken: false },
    });
    expect(authorizationServer?.forwardUpstreamToken).toBe(false);
  });

  it.each<[AuthConfig, string, string]>([
    [{ clientId: undefined }, 'auth.clientId is missing', 'Register this'],
    [{ clientSecret: ' ' }, 'auth.clientSecret is missing', '/oauth/callback'],
    [{ issuer: undefined }, 'auth.issuer is missing', 'auth.metadataUrl'],
    [{ issuer: 'login' }, 'auth.issuer is "login"', 'absolute https URL'],
    [{ metadataUrl: 'http://a.example' }, 'auth.metadataUrl is', 'loopback'],
    [{ authorizeUrl: '/authorize' }, 'auth.authorizeUrl is', 'absolute'],
    [
      { authorizeUrl: 'https://a:pass1@b.example' },
      'auth.authorizeUrl has a user name',
      'auth.clientSecret',
    ],
    [{ audience: false }, 'auth.audience is false', 'leave it out'],
    [{ audience: ['a', 'b'] }, 'auth.audience is ["a","b"]', 'one name'],
    [{ defaultScopes: ['email'] }, 'auth.defaultScopes is', 'Add "openid"'],
    [{ defaultScopes: ['openid email'] }, 'auth.defaultScopes has', 'itself'],
    [{ metadataPath: 'metadata' }, 'auth.metadataPath is', 'such as'],
    [{ callback: 'indirect' as never }, 'auth.callback is', '"direct"'],
    [{ customMetadata: metadata }, 'and auth.customMetadata as', 'Leave one'],
    [
      { verifier: new StaticTokenVerifier(['t']) },
      'and auth.verifier as well',
      'Leave one',
    ],
    [{ verifier: false }, 'and auth.verifier as well', 'Leave one'],
    [
      { authorizationServers: [LOGIN] },
      'and auth.authorizationServers as well',
      'Leave one',
    ],
    [
      {
        authorizationServer: {
          upstream: { issuer: LOGIN, clientId: 'a', clientSecret: 'b' },
        },
      },
      'and auth.authorizationServer.upstream as well',
      'Leave one',
    ],
    [
      { metadataPath: '/a', authorizationServer: { metadataPath: '/b' } },
      'auth.metadataPath and auth.authorizationServer.metadataPath',
      'Keep one',
    ],
    [{ enforce: false }, 'auth.enforce is false', 'Leave it out'],
  ])('refuses %j', (changes, found, remedy) => {
    const make = () => settingsOf({ ...proxies, ...changes });
    expect(make).toThrow(found);
    expect(make).toThrow(remedy);
    expect(make).not.toThrow(/a-s3cret|pass1/);
  });

  it.each<AuthConfig>([
    { callback: 'direct' },
    { metadataUrl: LOGIN },
    { authorizeUrl: LOGIN },
    { defaultScopes: ['openid'] },
  ])('has to be set for %j', (options) => {
    const [name] = Object.keys(options);
    expect(() => settingsOf(options)).toThrow(
      `auth.${name} is about logins through auth.setupProxies`,
    );
  });
});

describe('callback: direct', () => {
  it("checks the provider's tokens, and has no authorization server", () => {
    const settings = settingsOf({ ...direct, audience: 'urn:api' });
    expect(settings.verifier).toBeInstanceOf(ProviderTokenVerifier);
    expect(settings.authorizationServer).toBeUndefined();
    expect(settings.served?.direct?.provider).toMatchObject({
      audience: 'urn:api',
      clientId: 'atlas',
    });
  });

  it('lets clients be on loopback, unless told otherwise', () => {
    const registrationOf = (options: AuthConfig) =>
      settingsOf({ ...direct, ...options }).served?.direct?.server.registration;
    expect(registrationOf({})?.redirectUris).toEqual(['loopback']);
    const authorizationServer = {
      registration: { redirectUris: ['claude'] },
    };
    expect(registrationOf({ authorizationServer })?.redirectUris).toEqual([
      'claude',
    ]);
  });

  it('takes a verifier in place of its own', () => {
    const verifier = new StaticTokenVerifier(['t']);
    expect(settingsOf({ ...direct, verifier }).verifier).toBe(verifier);
    expect(settingsOf({ ...direct, verifier: false }).verifier).toBe(false);
  });

  it.each<[AuthConfig, string]>([
    [
      { issuer: undefined, metadataUrl: LOGIN },
      'auth.issuer is missing: with auth.callback "direct"',
    ],
    [
      { authorizationServer: { signingKeys: [] } },
      'auth.authorizationServer.signingKeys has no effect',
    ],
    [
      { authorizationServer: { registration: { validScopes: ['a'] } } },
      'auth.authorizationServer.registration.validScopes has no effect',
    ],
    [
      { authorizationServer: { revocation: { enabled: false } } },
      'auth.authorizationServer.revocation has no effect',
    ],
  ])('refuses %j', (changes, found) => {
    expect(() => settingsOf({ ...direct, ...changes })).toThrow(found);
  });
});

describe('customMetadata', () => {
  it('sends clients to its own issuer', () => {
    const verifier = new StaticTokenVerifier(['t']);
    const settings = settingsOf({ customMetadata: metadata, verifier });
    expect(settings.authorizationServers).toEqual([LOGIN]);
    expect(settings.verifier).toBe(verifier);
    expect(settings.served?.mirror).toEqual({
      document: metadata,
      path: undefined,
      enforce: true,
    });
  });

  it('leaves nulls out', () => {
    const customMetadata = { ...metadata, jwks_uri: null as never };
    const { served } = settingsOf({ customMetadata });
    expect(served?.mirror?.document).not.toHaveProperty('jwks_uri');
  });

  it('opens the server with `enforce: false` and nothing that verifies alone', () => {
    const open = { customMetadata: metadata, enforce: false };
    expect(settingsOf(open).verifier).toBe(false);
    expect(settingsOf({ ...open, issuer: LOGIN }).verifier).toBeInstanceOf(
      ProviderTokenVerifier,
    );
    expect(settingsOf({ customMetadata: metadata }).verifier).toBeUndefined();
  });

  it.each<[AuthConfig, string]>([
    [
      { customMetadata: { ...metadata, scopes_supported: [] } },
      'auth.customMetadata: scopes_supported is an empty list',
    ],
    [
      { issuer: `${LOGIN}/` },
      'but auth.issuer is "https://login.example.com/"',
    ],
    [
      { authorizationServers: ['https://other.example.com'] },
      'but auth.authorizationServers is "https://other.example.com"',
    ],
    [{ authorizationServer: {} }, 'auth.authorizationServer is one here'],
  ])('refuses %j', (changes, found) => {
    expect(() => settingsOf({ customMetadata: metadata, ...changes })).toThrow(
      found,
    );
  });
});

describe('alone', () => {
  it('issuer and audience describe the provider', () => {
    const { verifier } = settingsOf({ issuer: LOGIN, audience: false });
    expect(verifier).toBeInstanceOf(ProviderTokenVerifier);
    expect(verifier).toMatchObject({ audienceBinding: 'waived' });
  });

  it('metadataPath is that of the authorization server', () => {
    const { authorizationServer } = settingsOf({
      metadataPath: '/metadata',
      authorizationServer: {},
    });
    expect(authorizationServer).toEqual({ metadataPath: '/metadata' });
  });

  it('metadataPath needs metadata', () => {
    expect(() => settingsOf({ metadataPath: '/metadata' })).toThrow(
      'this server has none',
    );
  });
});
