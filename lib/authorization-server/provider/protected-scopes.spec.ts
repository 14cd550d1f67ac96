import type { RegistrationOptions } from '../../auth/issuer/endpoint-options.interface.js';
import { authorizationServerSettings } from '../authorization-server.settings.js';
import { ProtectedScopes } from './protected-scopes.js';

function make(
  registration: RegistrationOptions = {},
  known: readonly string[] = ['read', 'write'],
): ProtectedScopes {
  return new ProtectedScopes(
    authorizationServerSettings({
      registration,
      clients: [
        {
          clientId: 'reader',
          redirectUris: ['https://app.example/cb'],
          scopes: ['read'],
        },
      ],
    }),
    {
      name: 'test',
      resources: ['https://api.example/mcp'],
      endpointPath: () => '/mcp',
      scopes: () => known,
    },
  );
}

describe('ProtectedScopes', () => {
  it.each([
    ['nothing', undefined, ['read', 'write']],
    ['an empty text', '', ['read', 'write']],
    ['habits of OpenID clients', 'openid profile email', ['read', 'write']],
    ['one scope', 'write', ['write']],
    ['a scope and a habit', 'openid write', ['write']],
    ['a scope there is and one there is not', 'write admin', ['write']],
    ['a scope there is not', 'admin', ['read', 'write']],
    ['a scope there is not and a habit', 'admin openid', ['read', 'write']],
  ])('makes of %s what a client may have', (_, requested, granted) => {
    expect(make().narrow(requested, 'somebody')).toEqual(granted);
  });

  it.each([
    [undefined, ['read']],
    ['read write', ['read']],
    ['write', undefined],
    ['write admin', undefined],
    ['admin', ['read']],
  ])('holds a client to its own scopes: %s', (requested, granted) => {
    expect(make().narrow(requested, 'reader')).toEqual(granted);
  });

  it('gives the default scopes to those who ask for none', () => {
    const scopes = make({ defaultScopes: ['write'] });
    expect(scopes.narrow('', 'somebody')).toEqual(['write']);
    // Of which this one has none; then its own are all there is.
    expect(scopes.narrow('', 'reader')).toEqual(['read']);
    expect(make({ defaultScopes: [] }).narrow('', 'somebody')).toEqual([]);
  });

  it('knows the valid scopes, else those of the server and the default ones', () => {
    expect(make({ validScopes: ['read'] }).valid).toEqual(['read']);
    expect(make({ defaultScopes: ['more'] }).valid).toEqual([
      'read',
      'write',
      'more',
    ]);
    expect(make({}, ['offline_access', 'read']).valid).toEqual(['read']);
    expect(make({}, []).valid).toEqual(['mcp']);
  });
});
