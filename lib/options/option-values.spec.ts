import { hasCredentials, isScope, readSecureUrl } from './option-values.js';

describe('readSecureUrl', () => {
  it.each([
    'https://a.example/x?y#z',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://127.1.2.3/x',
    'http://[::1]:1',
  ])('reads %s', (text) => {
    expect(readSecureUrl(text)?.href).toBe(new URL(text).href);
  });

  it.each([
    'http://a.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'ftp://a.example',
    'a.example',
    '/path',
    '',
    undefined,
    7,
  ])('reads nothing of %s', (value) => {
    expect(readSecureUrl(value)).toBeUndefined();
  });
});

it('finds a user name or password in a URL', () => {
  expect(hasCredentials('https://ada@a.example')).toBe(true);
  expect(hasCredentials('ftp://:pass@a.example')).toBe(true);
  expect(hasCredentials('https://a.example/@')).toBe(false);
  expect(hasCredentials('no URL')).toBe(false);
});

it.each([
  ['notes:read', true],
  ['', false],
  ['a b', false],
  ['a"b', false],
  ['a\\b', false],
])('takes %j for a scope: %s', (text, expected) => {
  expect(isScope(text)).toBe(expected);
});
