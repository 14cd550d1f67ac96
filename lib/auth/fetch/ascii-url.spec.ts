import { readAsciiUrl } from './url-trust.js';

it('reads what is a URL, and nothing else', () => {
  expect(readAsciiUrl('https://a.example/b?c')?.hostname).toBe('a.example');
  for (const text of ['', 'a.example', 'http://', 'http://a b', '/path']) {
    expect(readAsciiUrl(text)).toBeUndefined();
  }
});

it.each([
  '\u00c3\u0080',
  '\u00c0',
  'caf\u00e9.example',
  '\u6f22.example',
  '\ud83d\ude42',
])('refuses %j, before and after it has read many (RFC 3986 2)', (host) => {
  expect(readAsciiUrl(`http://${host}`)).toBeUndefined();
  for (let port = 0; port < 60_000; port++) {
    readAsciiUrl(`http://127.0.0.1:${port}`);
  }
  expect(readAsciiUrl(`http://${host}`)).toBeUndefined();
});
