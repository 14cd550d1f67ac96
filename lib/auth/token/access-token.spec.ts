import { inspect } from 'node:util';
import { freezeTime, releaseTime } from '../../../test/support/frozen-time.js';
import { AccessToken } from './access-token.js';

const SECRET = 'eyJ-the-raw-token';
const from = (
  claims: Record<string, unknown>,
  options?: Parameters<typeof AccessToken.fromClaims>[2],
) => AccessToken.fromClaims(SECRET, claims, options);

describe('AccessToken.fromClaims', () => {
  it('reads the names of RFC 9068', () => {
    const token = from({
      iss: 'https://login.example',
      sub: 'ada',
      client_id: 'app',
      azp: 'other',
      scope: 'read write',
      aud: 'https://api.example/mcp',
      exp: 1_900_000_000,
      roles: ['editor'],
      permissions: ['notes:write'],
    });
    expect(token).toMatchObject({
      token: SECRET,
      tokenType: 'bearer',
      issuer: 'https://login.example',
      subject: 'ada',
      userId: 'ada',
      clientId: 'app',
      scopes: ['read', 'write'],
      resource: 'https://api.example/mcp',
      expiresAt: new Date('2030-03-17T17:46:40Z'),
      roles: ['editor'],
      permissions: ['notes:write'],
    });
  });

  it('leaves undefined, empty or null what the claims do not say', () => {
    const token = from({ aud: ['a', 'b'] });
    expect(token.toJSON()).toEqual({
      tokenType: 'bearer',
      clientId: undefined,
      subject: undefined,
      scopes: [],
      expiresAt: null,
      resource: undefined,
      issuer: undefined,
      roles: [],
      permissions: [],
    });
  });

  it('takes the client from azp, and the subject from user_id, where the first names are missing', () => {
    expect(from({ azp: 'app', user_id: 'ada' })).toMatchObject({
      clientId: 'app',
      subject: 'ada',
    });
    expect(from({ userId: 'ada' }).subject).toBe('ada');
  });

  it('takes a single role as a list of one', () => {
    expect(from({ role: 'editor' }).roles).toEqual(['editor']);
    expect(from({ roles: 'lead editor' }).roles).toEqual(['lead editor']);
  });

  it('reads from configured paths, and from the default ones for the rest', () => {
    const token = from(
      { sub: 'ada', realm_access: { roles: ['editor'] }, roles: ['no'] },
      { paths: { roles: 'realm_access.roles', subject: undefined } },
    );
    expect(token.roles).toEqual(['editor']);
    expect(token.subject).toBe('ada');
  });

  it('takes type and resource from the options before the claims', () => {
    const claims = { token_type: 'Bearer', aud: 'a' };
    expect(from(claims)).toMatchObject({ tokenType: 'bearer', resource: 'a' });
    expect(from(claims, { tokenType: 'API_KEY', resource: 'b' })).toMatchObject(
      { tokenType: 'api_key', resource: 'b' },
    );
  });
});

describe('AccessToken', () => {
  it('is not printed by JSON.stringify or util.inspect, nor are its claims', () => {
    const token = from({ sub: 'ada', upstream: 'other-secret' });
    for (const print of [
      JSON.stringify(token),
      JSON.stringify({ deep: [token] }),
      inspect(token),
      inspect({ deep: { token } }, { depth: 9, showHidden: true }),
      `${token as unknown as string}`,
      JSON.stringify(Object.entries(token)),
      JSON.stringify({ ...token }),
    ]) {
      expect(print).not.toContain(SECRET);
      expect(print).not.toContain('other-secret');
    }
    expect(inspect(token)).toMatch(/^AccessToken \{.*subject: 'ada'/s);
  });

  it('cannot be changed, by its own properties or by what it was made of', () => {
    const claims = { sub: 'ada', list: [{ deep: 1 }], scope: ['read'] };
    const token = from(claims);
    claims.list[0]!.deep = 2;
    claims.scope.push('admin');
    expect(token.claims).toEqual({
      sub: 'ada',
      list: [{ deep: 1 }],
      scope: ['read'],
    });
    expect(token.scopes).toEqual(['read']);
    const writable = token as unknown as {
      subject: string;
      claims: { sub: string; list: { deep: number }[] };
      scopes: string[];
      roles: string[];
      permissions: string[];
    };
    expect(() => (writable.subject = 'eve')).toThrow(TypeError);
    expect(() => (writable.claims.sub = 'eve')).toThrow(TypeError);
    expect(() => (writable.claims.list[0]!.deep = 3)).toThrow(TypeError);
    for (const list of [
      writable.scopes,
      writable.roles,
      writable.permissions,
    ]) {
      expect(() => list.push('admin')).toThrow(TypeError);
    }
  });

  it('gives a date of its own each time it is asked for the expiry', () => {
    const token = from({ exp: 1000 });
    token.expiresAt?.setTime(9e12);
    expect(token.expiresAt).toEqual(new Date(1_000_000));
    const date = new Date(5000);
    const other = new AccessToken({ token: SECRET, expiresAt: date });
    date.setTime(9e12);
    expect(other.expiresAt).toEqual(new Date(5000));
  });

  it('keeps bytes and a `__proto__` among the claims as they are', () => {
    const claims = JSON.parse('{"__proto__":{"admin":true}}') as object;
    const token = from({ ...claims, nested: claims, bytes: Buffer.from('a') });
    expect((token.claims.nested as { admin?: boolean }).admin).toBeUndefined();
    expect(token.claims.bytes).toHaveLength(1);
  });

  it('has metadata as another name of claims', () => {
    const token = from({ role: 'editor' });
    expect(token.metadata).toBe(token.claims);
  });

  it('may be extended', () => {
    class TenantToken extends AccessToken {
      readonly tenant = 'acme';
    }
    expect(new TenantToken({ token: SECRET })).toMatchObject({
      tenant: 'acme',
      token: SECRET,
    });
  });

  it('is told from other objects', () => {
    expect(AccessToken.is(from({}))).toBe(true);
    for (const other of [null, undefined, 'x', {}, { token: 'x' }]) {
      expect(AccessToken.is(other)).toBe(false);
    }
  });
});

describe('isExpired', () => {
  beforeEach(() => freezeTime(1_000_000));
  afterEach(() => releaseTime());

  it('is false without expiry', () => {
    expect(from({}).isExpired()).toBe(false);
    expect(from({}).isExpired(-1e9)).toBe(false);
  });

  it('is true from the second of the expiry on (RFC 7519 section 4.1.4)', () => {
    expect(from({ exp: 1001 }).isExpired()).toBe(false);
    expect(from({ exp: 1000 }).isExpired()).toBe(true);
    expect(from({ exp: 999 }).isExpired()).toBe(true);
  });

  it('allows for clocks that differ by the seconds given, else by those of the verifier', () => {
    expect(from({ exp: 995 }).isExpired(5)).toBe(true);
    expect(from({ exp: 996 }).isExpired(5)).toBe(false);
    const lenient = from({ exp: 996 }, { clockTolerance: 5 });
    expect(lenient.isExpired()).toBe(false);
    expect(lenient.isExpired(0)).toBe(true);
  });

  it('is true where the comparison makes no sense', () => {
    expect(
      new AccessToken({ token: SECRET, expiresAt: new Date(NaN) }).isExpired(),
    ).toBe(true);
  });
});

describe('scopes', () => {
  const token = from({ scope: 'read notes:write' });

  it('are compared letter for letter', () => {
    expect(token.hasScope('read')).toBe(true);
    expect(token.hasScope('notes:write')).toBe(true);
    for (const other of ['Read', 'rea', 'notes', '', 'read notes:write']) {
      expect(token.hasScope(other)).toBe(false);
    }
  });

  it('must all be there for hasAllScopes', () => {
    expect(token.hasAllScopes(['read', 'notes:write'])).toBe(true);
    expect(token.hasAllScopes(['read', 'admin'])).toBe(false);
    expect(token.hasAllScopes([])).toBe(true);
  });
});
