import type { AuthorizationServerOptions } from '../auth/issuer/authorization-server-options.interface.js';
import { checkSecrets } from '../options/option-values.js';
import { authorizationServerSettings } from './authorization-server.settings.js';
import { checkIssuer } from './authorization-server.settings.js';

describe('authorizationServerSettings', () => {
  it('fills in the documented defaults', () => {
    expect(
      authorizationServerSettings({
        lifetimes: { code: undefined as never, session: 60 },
      }),
    ).toMatchObject({
      lifetimes: {
        accessToken: 600,
        refreshToken: 2_592_000,
        code: 60,
        interaction: 600,
        session: 60,
        consent: 7_776_000,
        unusedClient: 86_400,
        usedClient: 31_536_000,
      },
      registration: {
        enabled: true,
        endpoint: '/oauth/register',
        clientName: 'MCP client',
        redirectUris: ['loopback', 'https', 'cursor', 'vscode'],
        secretExpirySeconds: 0,
      },
      revocation: { enabled: true, endpoint: '/oauth/revoke' },
    });
  });

  it('lets consents be forgotten at once, and nothing else', () => {
    expect(
      authorizationServerSettings({ lifetimes: { consent: 0 } }).lifetimes,
    ).toHaveProperty('consent', 0);
    expect(() =>
      authorizationServerSettings({ lifetimes: { session: 0 } }),
    ).toThrow('authorizationServer.lifetimes.session is 0');
  });

  it('never writes a secret into a message', () => {
    const secret = 'short-secret';
    const settings = (options: AuthorizationServerOptions) => () =>
      authorizationServerSettings(options);
    for (const check of [
      () => checkSecrets('authorizationServer.secrets', [secret]),
      settings({ registration: { initialAccessToken: secret } }),
      settings({ clients: [{ clientId: 'a', clientSecret: secret }] }),
    ]) {
      let message = '';
      try {
        check();
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toMatch(/^authorizationServer\./);
      expect(message.replaceAll('clientSecret', '')).not.toContain(secret);
    }
  });
});

describe('checkIssuer', () => {
  it.each([
    'https://auth.example',
    'https://auth.example/',
    'https://auth.example:8443/tenant/a',
    'http://127.0.0.1:3000',
    'http://localhost',
    'http://[::1]:3000/mcp',
  ])('takes %s', (issuer) => {
    expect(() => checkIssuer('issuer', issuer)).not.toThrow();
  });

  it.each([
    'http://auth.example',
    'http://127.0.0.1.evil.com',
    'http://localhost.evil.com',
    'http://127.0.0.1@evil.com',
    'https://auth.example/?x',
    'https://auth.example/#',
    'https://auth.example/a/../b',
    'https://AUTH.example',
    'https://auth.example\\x',
    'ftp://auth.example',
    '//auth.example',
    'auth.example',
    '',
  ])('refuses %j', (issuer) => {
    expect(() => checkIssuer('issuer', issuer)).toThrow(
      `the issuer is "${issuer}"`,
    );
  });
});
