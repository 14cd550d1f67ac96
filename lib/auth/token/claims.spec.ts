import {
  affirms,
  readClaim,
  readExpiry,
  toList,
  toScopes,
  toText,
} from './claims.js';

describe('readClaim', () => {
  it('finds a claim by its name, and by a path with dots', () => {
    const claims = { a: 1, realm_access: { roles: ['x'] } };
    expect(readClaim(claims, 'a')).toBe(1);
    expect(readClaim(claims, 'realm_access.roles')).toEqual(['x']);
  });

  it('takes a whole name before a path, for names that are URLs', () => {
    const name = 'https://atlas.example/roles';
    expect(readClaim({ [name]: 'x' }, name)).toBe('x');
    expect(readClaim({ 'a.b': 1, a: { b: 2 } }, 'a.b')).toBe(1);
  });

  it('finds names with dots inside a path', () => {
    const claims = { resource_access: { 'my.app': { roles: ['x'] } } };
    expect(readClaim(claims, 'resource_access.my.app.roles')).toEqual(['x']);
  });

  it('takes the first path that leads to a value', () => {
    const claims = { scope: null, scp: 'b', scopes: 'c' };
    expect(readClaim(claims, ['scope', 'scp', 'scopes'])).toBe('b');
    expect(readClaim(claims, ['none', 'scope'])).toBeUndefined();
  });

  it('never reads what an object inherits', () => {
    expect(readClaim({}, 'constructor')).toBeUndefined();
    expect(readClaim({ a: {} }, 'a.constructor')).toBeUndefined();
    expect(readClaim({ a: 'text' }, 'a.length')).toBeUndefined();
  });
});

describe('toScopes', () => {
  it.each([
    ['read write', ['read', 'write']],
    ['  read\twrite  read ', ['read', 'write']],
    [
      ['read', 'write', 'read'],
      ['read', 'write'],
    ],
    ['', []],
    [['', 1, null, 'read'], ['read']],
    [undefined, []],
    [42, []],
    [{ read: true }, []],
  ])('reads %j as %j', (value, scopes) => {
    expect(toScopes(value)).toEqual(scopes);
  });
});

describe('toList and toText', () => {
  it('take strings alone, and none that is empty', () => {
    expect(toList('a b')).toEqual(['a b']);
    expect(toList(['a', 'a', 2, ''])).toEqual(['a']);
    expect(toList(undefined)).toEqual([]);
    expect(toText('a')).toBe('a');
    expect(toText('')).toBeUndefined();
    expect(toText(1)).toBeUndefined();
  });
});

describe('readExpiry', () => {
  it('takes exp in seconds before any other name', () => {
    expect(readExpiry({ exp: 10, expires_at: 20 })).toEqual(new Date(10_000));
  });

  it.each([
    [{ expires_at: 10 }],
    [{ expiresAt: 10 }],
    [{ exp: new Date(10_000) }],
    [{ expires_at: new Date(10_000) }],
    [{ expires_at: '1970-01-01T00:00:10.000+00:00' }],
    [{ expires_at: '1970-01-01T00:00:10Z' }],
  ])('reads %j', (claims) => {
    expect(readExpiry(claims)).toEqual(new Date(10_000));
  });

  it('is null without one', () => {
    expect(readExpiry({})).toBeNull();
    expect(readExpiry({ expires_at: null })).toBeNull();
  });

  it.each([
    'soon',
    '99999',
    '4102444800',
    '2099-01-01',
    null,
    NaN,
    1e300,
    true,
    {},
    [10],
    new Date(NaN),
  ])('refuses exp %p rather than take it for "never"', (exp) => {
    expect(() => readExpiry({ exp, expires_at: 4_102_444_800 })).toThrow(
      expect.objectContaining({ reason: 'claims' }),
    );
  });

  it.each(['soon', '99999', '4102444800', 'until 2099', NaN, false, {}])(
    'refuses expires_at %p rather than guess',
    (expires_at) => {
      expect(() => readExpiry({ expires_at })).toThrow(
        expect.objectContaining({ reason: 'claims' }),
      );
    },
  );
});

describe('affirms', () => {
  it.each([{}, { active: true }, { valid: true }, { error: null }])(
    'takes %j for a yes',
    (claims) => {
      expect(affirms(claims)).toBe(true);
    },
  );

  it.each([
    ...[false, 'false', 'true', 0, 1, null, {}].flatMap((value) => [
      { active: value },
      { valid: value },
    ]),
    { active: true, valid: false },
    { active: true, error: 'invalid_token' },
    { error: {} },
    { error: '' },
  ])('takes %j for a no', (claims) => {
    expect(affirms(claims)).toBe(false);
  });
});
