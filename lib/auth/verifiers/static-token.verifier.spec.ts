import { inspect } from 'node:util';
import { StaticTokenVerifier } from './static-token.verifier.js';

const tokens = {
  'admin-token-123': {
    user_id: 'admin',
    scope: ['read', 'write', 'admin'],
    role: 'administrator',
  },
  'app-token-456': {
    sub: 'ada',
    client_id: 'app',
    scopes: 'read write',
    expires_at: 4_000_000_000,
    tenant: { id: 7 },
  },
  'old-token-789': { user_id: 'eve', expires_at: 1_000_000_000 },
};

describe('StaticTokenVerifier', () => {
  const verifier = new StaticTokenVerifier(tokens);

  it('knows what is written of a token, and keeps the rest as metadata', async () => {
    expect(await verifier.verify('admin-token-123')).toMatchObject({
      token: 'admin-token-123',
      tokenType: 'bearer',
      userId: 'admin',
      scopes: ['read', 'write', 'admin'],
      roles: ['administrator'],
      expiresAt: null,
      metadata: { role: 'administrator' },
    });
    expect(await verifier.verify('app-token-456')).toMatchObject({
      subject: 'ada',
      clientId: 'app',
      scopes: ['read', 'write'],
      expiresAt: new Date(4e12),
      metadata: { tenant: { id: 7 } },
    });
  });

  it.each([
    'admin-token-12',
    'admin-token-1234',
    'ADMIN-TOKEN-123',
    ' admin-token-123',
    '',
    'constructor',
    '__proto__',
    'unknown',
  ])('refuses %j', async (token) => {
    expect(await verifier.verify(token)).toBeNull();
  });

  it('refuses an expired token', async () => {
    expect(await verifier.verify('old-token-789')).toBeNull();
  });

  it('takes a list, of whose tokens nothing else is known', async () => {
    const list = new StaticTokenVerifier(['a', 'b']);
    for (const token of ['a', 'b']) {
      expect(await list.verify(token)).toMatchObject({ token, scopes: [] });
    }
    expect(await list.verify('0')).toBeNull();
    expect(await list.verify('c')).toBeNull();
  });

  it('takes only tokens sent as its type, in any case', async () => {
    const keys = new StaticTokenVerifier(['k'], { tokenType: 'API_Key' });
    expect(await keys.verify('k')).toMatchObject({ tokenType: 'api_key' });
    expect(await keys.verify('k', { tokenType: 'api_key' })).not.toBeNull();
    expect(await keys.verify('k', { tokenType: 'API_KEY' })).not.toBeNull();
    expect(await keys.verify('k', { tokenType: 'bearer' })).toBeNull();
    expect(await keys.verify('k', {})).not.toBeNull();
    const bearer = new StaticTokenVerifier(['k']);
    expect(await bearer.verify('k', { tokenType: 'api_key' })).toBeNull();
    expect(await bearer.verify('k', { tokenType: 'Bearer' })).not.toBeNull();
  });

  it('refuses a token that is said not to be active', async () => {
    const tokens = new StaticTokenVerifier({ a: { active: false }, b: {} });
    expect(await tokens.verify('a')).toBeNull();
    expect(await tokens.verify('b')).not.toBeNull();
  });

  it('is bound to this server by construction', () => {
    expect(verifier.audienceBinding).toBe('construction');
  });

  it.each([[[]], [{}], [['']], [['a', ' ']], [{ '': {} }], [[undefined]]])(
    'does not start with %j',
    (wrong) => {
      expect(() => new StaticTokenVerifier(wrong as string[])).toThrow(
        'there is no token, or an empty one',
      );
    },
  );

  it('does not start with an expiry that is no time', () => {
    expect(
      () => new StaticTokenVerifier({ a: { expires_at: 'soon' } }),
    ).toThrow();
  });

  it('never prints its tokens', () => {
    const print = inspect(verifier, { depth: 9, showHidden: true });
    expect(print + JSON.stringify(verifier)).not.toContain('token-');
  });
});

describe('StaticTokenVerifier where NODE_ENV is production', () => {
  const before = process.env.NODE_ENV;
  beforeEach(() => (process.env.NODE_ENV = 'production'));
  afterEach(() => (process.env.NODE_ENV = before));

  it('does not start', () => {
    expect(() => new StaticTokenVerifier(['a'])).toThrow(
      'NODE_ENV is "production", where fixed tokens are refused',
    );
    expect(() => new StaticTokenVerifier(['a'], { force: false })).toThrow();
  });

  it('starts by force', async () => {
    const forced = new StaticTokenVerifier(['a'], { force: true });
    expect(await forced.verify('a')).not.toBeNull();
  });
});
