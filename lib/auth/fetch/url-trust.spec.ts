import { checkUrl, type UrlTrust } from './url-trust.js';

const configuration: UrlTrust = { source: 'configuration' };
const client: UrlTrust = { source: 'client' };
const issuer: UrlTrust = {
  source: 'issuer',
  issuer: 'http://login.internal:8080/realms/a',
};
const open: UrlTrust = { ...issuer, allowPrivateHosts: true };

const verdict = (url: string, trust: UrlTrust): string => {
  try {
    return checkUrl(url, trust).privateAllowed ? 'anywhere' : 'public';
  } catch (error) {
    return (error as { failure: string }).failure;
  }
};

describe('a URL that may be fetched', () => {
  it.each<[string, UrlTrust, string, string]>([
    ['configuration', configuration, 'http://10.0.0.1/jwks', 'anywhere'],
    ['configuration', configuration, 'https://a.example/jwks', 'anywhere'],
    ['client', client, 'https://a.example/app', 'public'],
    ['client', client, 'http://a.example/app', 'refused_url'],
    ['issuer', issuer, 'http://login.internal:8080/jwks', 'anywhere'],
    ['issuer', issuer, 'https://a.example/jwks', 'public'],
    ['issuer', issuer, 'http://a.example/jwks', 'refused_url'],
    ['issuer', issuer, 'http://login.internal/jwks', 'refused_url'],
    ['issuer', issuer, 'https://login.internal:8080/jwks', 'public'],
    ['open issuer', open, 'http://keys.internal/jwks', 'anywhere'],
  ])('of %s (%j): %s, %s', (_name, trust, url, expected) => {
    expect(verdict(url, trust)).toBe(expected);
  });

  it.each([
    'file:///etc/passwd',
    'ftp://a.example/x',
    'data:application/json,{}',
    'jwks.json',
    '//a.example/jwks',
    '',
    'https://user@a.example/',
    'https://:secret@a.example/',
  ])('is never %s', (url) => {
    for (const trust of [configuration, client, issuer, open]) {
      expect(verdict(url, trust)).toBe('refused_url');
    }
  });

  it('is not repeated in messages beyond its origin', () => {
    expect(() => checkUrl('https://u:hunter2@a.example/', client)).toThrow(
      /^A URL was not fetched: it holds a user name or password$/,
    );
    expect(() => checkUrl('http://a.example/?key=hunter2', client)).toThrow(
      /^A URL was not fetched: http:\/\/a\.example is not https$/,
    );
  });
});
