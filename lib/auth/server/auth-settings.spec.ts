import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';
import { StaticTokenVerifier } from '../verifiers/static-token.verifier.js';
import { authSettings } from './auth-settings.js';

const ISSUER = 'https://login.example.com';

describe('authSettings', () => {
  it('makes a ProviderTokenVerifier of what describes a provider', () => {
    const settings = authSettings({
      issuer: ISSUER,
      clientId: 'atlas',
      clientSecret: 'secret',
      requiredScopes: ['atlas:read'],
    });
    expect(settings.verifier).toBeInstanceOf(ProviderTokenVerifier);
    expect(settings.authorizationServers).toEqual([ISSUER]);
    expect(settings.requiredScopes).toEqual(['atlas:read']);
    expect(JSON.stringify(settings)).not.toContain('secret');
  });

  it.each([
    { issuer: ISSUER },
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
