import type { McpAuthOptions } from '../auth-options.interface.js';
import { checkAuthOptions } from './auth-settings.js';
import { McpAuthProvider } from '../credentials/auth.provider.js';

class Nobody extends McpAuthProvider {
  authenticate(): Promise<null> {
    return Promise.resolve(null);
  }
}

it.each([
  {},
  { resource: 'https://api.example.com' },
  { resource: 'https://api.example.com:8443/mcp' },
  { resource: ['https://a.example/mcp', 'https://b.example/mcp'] },
  { resource: 'http://localhost:3000/mcp' },
  { resource: 'http://127.0.0.1:3000/mcp' },
  { resource: 'http://127.1.2.3/mcp' },
  { resource: 'http://[::1]:3000/mcp' },
  { authorizationServers: ['https://login.example.com/realms/a'] },
  { authorizationServers: ['http://localhost:4000'] },
  { requiredScopes: ['a', 'https://api.example.com/notes.read'] },
  { scopesSupported: ['a:b', '!', '~', '[', ']', '#'] },
  { verifier: false as const },
  { provider: new Nobody() },
])('takes %j', (options) => {
  expect(() => checkAuthOptions(options)).not.toThrow();
});

it.each([
  '',
  '/mcp',
  'api.example.com',
  'ftp://api.example.com',
  'javascript:alert(1)',
  'http://api.example.com',
  'http://localhost.evil.example',
  'http://evil-localhost',
  'http://evil.localhost',
  'http://evil.example/localhost',
  'http://127.0.0.1.evil.example',
  'http://10.0.0.1',
  'http://0.0.0.0',
  'ftp://localhost',
  'https://api.example.com/#mcp',
  'https://ada@api.example.com',
  'https://:secret@api.example.com',
  'https://ada:secret@api.example.com',
])('refuses %j as a resource and as an issuer, by its name', (url) => {
  for (const options of [
    { resource: url },
    { resource: ['https://a.example', url] },
    { authorizationServers: ['https://a.example', url] },
  ]) {
    const [option = ''] = Object.keys(options);
    expect(() => checkAuthOptions(options)).toThrow(
      `auth.${option}: "${url}" is no usable URL. Write an absolute https URL`,
    );
  }
});

it('refuses an empty list of names, as no token could be meant for it', () => {
  expect(() => checkAuthOptions({ resource: [] })).toThrow(
    'auth.resource is an empty list. Write the public URL of the endpoint',
  );
});

it.each(['https://api.example.com/mcp?tenant=1', 'https://api.example.com/?'])(
  'refuses %j as a resource, as its metadata could not be told apart (RFC 9728 3.1)',
  (resource) => {
    expect(() =>
      checkAuthOptions({ resource: ['https://a.example', resource] }),
    ).toThrow(`auth.resource: "${resource}" has a query`);
  },
);

it.each(['', ' ', 'a b', 'a\tb', 'a"', 'a\\', 'é', 'a\u007f', '\u0000'])(
  'refuses %j as a scope (RFC 6749 3.3)',
  (scope) => {
    for (const options of [
      { requiredScopes: ['a', scope] },
      { scopesSupported: [scope, 'a'] },
    ]) {
      expect(() => checkAuthOptions(options)).toThrow(
        `auth: "${scope}" is no scope. Write each by itself`,
      );
    }
  },
);

it('refuses a provider where guards alone shall decide', () => {
  expect(() =>
    checkAuthOptions({ verifier: false, provider: new Nobody() }),
  ).toThrow('Leave one out');
});

it.each([0, -1, NaN, Infinity, 2 ** 31, '60', true, null])(
  'refuses %p seconds between two looks at the token of a stream',
  (recheckStreamsAfter) => {
    expect(() =>
      checkAuthOptions({ recheckStreamsAfter } as McpAuthOptions),
    ).toThrow(
      `auth.recheckStreamsAfter is ${typeof recheckStreamsAfter === 'string' ? `"${recheckStreamsAfter}"` : String(recheckStreamsAfter)}. Write seconds above 0`,
    );
  },
);

it.each([false, 0.5, 60, 86_400] as const)(
  'takes %p seconds between two looks at the token of a stream',
  (recheckStreamsAfter) => {
    expect(() => checkAuthOptions({ recheckStreamsAfter })).not.toThrow();
  },
);
