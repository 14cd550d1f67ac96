import { defineOAuthMetadata } from './check-oauth-metadata.js';
import type { OAuthMetadataInput } from './auth-config.interface.js';

const LOGIN = 'https://login.example.com';
const least: OAuthMetadataInput = {
  issuer: LOGIN,
  authorization_endpoint: `${LOGIN}/authorize`,
  token_endpoint: `${LOGIN}/token`,
};

describe('defineOAuthMetadata', () => {
  it('fills in defaults', () => {
    expect(defineOAuthMetadata(least)).toEqual({
      ...least,
      scopes_supported: ['openid', 'profile', 'email'],
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_methods_supported: ['none'],
      code_challenge_methods_supported: ['S256'],
    });
  });

  it('keeps what is given, members of extensions among it', () => {
    const given = {
      ...least,
      scopes_supported: ['notes:read'],
      grant_types_supported: ['authorization_code'],
      'x-tenant': { id: 7 },
    };
    expect(defineOAuthMetadata(given)).toMatchObject(given);
  });

  it('leaves out what is null, and takes the default for undefined', () => {
    const metadata = defineOAuthMetadata({
      ...least,
      scopes_supported: null,
      registration_endpoint: null,
      grant_types_supported: undefined,
    });
    expect(metadata).not.toHaveProperty('scopes_supported');
    expect(metadata).not.toHaveProperty('registration_endpoint');
    expect(metadata.grant_types_supported).toContain('authorization_code');
  });

  it('needs no authorization endpoint without codes', () => {
    const metadata = {
      issuer: LOGIN,
      token_endpoint: `${LOGIN}/token`,
      grant_types_supported: ['client_credentials'],
      code_challenge_methods_supported: null,
    };
    expect(() => defineOAuthMetadata(metadata)).not.toThrow();
  });

  it('lets http be for loopback', () => {
    const at = 'http://127.0.0.1:9000';
    expect(() =>
      defineOAuthMetadata({
        issuer: at,
        authorization_endpoint: `${at}/authorize`,
        token_endpoint: `${at}/token`,
      }),
    ).not.toThrow();
  });

  it.each<[Record<string, unknown>, string, string]>([
    [{ issuer: undefined }, 'issuer is missing', 'Name the'],
    [{ issuer: 'login' }, 'issuer is "login"', 'absolute https URL'],
    [{ issuer: 7 }, 'issuer is 7', 'absolute https URL'],
    [{ issuer: `${LOGIN}?a=1` }, 'issuer is "', 'without query'],
    [{ issuer: `${LOGIN}#a` }, 'issuer is "', 'fragment'],
    [{ issuer: 'http://login.example.com' }, 'issuer is "http', 'loopback'],
    [{ issuer: 'https://a:pass1@b.example' }, 'issuer has a user', 'Leave'],
    [{ token_endpoint: '/token' }, 'token_endpoint is "/token"', 'absolute'],
    [{ jwks_uri: `${LOGIN}/#keys` }, 'jwks_uri is "', 'fragment'],
    [{ registration_endpoint: 'ftp://a.example' }, 'registration_end', 'https'],
    [{ scopes_supported: [] }, 'scopes_supported is an empty list', 'Fill it'],
    [{ ui_locales_supported: [] }, 'ui_locales_supported is an', 'Fill it'],
    [{ scopes_supported: 'openid' }, 'scopes_supported is "openid"', 'list'],
    [{ scopes_supported: ['a', ''] }, 'scopes_supported is ["a",""]', 'list'],
    [{ scopes_supported: [1] }, 'scopes_supported is [1]', 'list of texts'],
    [
      { response_types_supported: null },
      'response_types_supported is missing',
      '["code"]',
    ],
    [
      { authorization_endpoint: null },
      'authorization_endpoint is missing, while grant_types_supported has "authorization_code"',
      'Add it',
    ],
    [
      { authorization_endpoint: null, grant_types_supported: null },
      'authorization_endpoint is missing',
      'Add it',
    ],
    [{ token_endpoint: null }, 'token_endpoint is missing', 'Add it'],
    [
      { code_challenge_methods_supported: ['plain'] },
      'code_challenge_methods_supported has no "S256"',
      'use setupProxies',
    ],
    [
      { code_challenge_methods_supported: null },
      'code_challenge_methods_supported is missing',
      '["S256"]',
    ],
    [
      { token_endpoint_auth_methods_supported: ['private_key_jwt'] },
      'token_endpoint_auth_signing_alg_values_supported is missing',
      'Name the algorithms',
    ],
    [
      { revocation_endpoint_auth_signing_alg_values_supported: ['none'] },
      'revocation_endpoint_auth_signing_alg_values_supported has "none"',
      'Take it out',
    ],
    [{ client_secret: 's3cret' }, 'client_secret is given', 'Everybody'],
  ])('refuses %j', (changes, found, remedy) => {
    const define = () =>
      defineOAuthMetadata({ ...least, ...changes } as OAuthMetadataInput);
    expect(define).toThrow(`defineOAuthMetadata: ${found}`);
    expect(define).toThrow(remedy);
    expect(define).not.toThrow(/s3cret|pass1/);
  });
});
