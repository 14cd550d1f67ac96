import fc from 'fast-check';
import {
  isLoopbackRedirect,
  isSafeRedirectUri,
  RedirectUriPolicy,
} from './redirect-uri.policy.js';

const allows = (entries: readonly string[], uri: string): boolean =>
  new RedirectUriPolicy(entries).allows(uri);

/** Reads a pattern the slow way. */
const byExpression = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.split('*').join('[^?#]*')}$`).test(path);

describe('RedirectUriPolicy', () => {
  it('reads a path with any number of wildcards as the expression would', () => {
    const path = fc.array(fc.constantFrom('a', 'b', '/', 'ab'), {
      maxLength: 8,
    });
    const pattern = fc.array(fc.constantFrom('a', 'b', '/', '*'), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(pattern, path, (given, tried) => {
        const [entry, text] = [`/${given.join('')}`, `/${tried.join('')}`];
        expect(
          allows([`https://a.example${entry}`], `https://a.example${text}`),
        ).toBe(byExpression(entry, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('takes no time by the power of the wildcards', () => {
    const pattern = `https://a.example/${'*a'.repeat(30)}*b`;
    const started = performance.now();
    for (let round = 0; round < 100; round += 1) {
      expect(allows([pattern], `https://a.example/${'a'.repeat(1900)}`)).toBe(
        false,
      );
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('allows no URI of more than 2,000 characters', () => {
    const uri = `https://a.example/${'a'.repeat(1982)}`;
    expect(uri).toHaveLength(2000);
    for (const entry of ['https', 'https://a.example/*']) {
      expect(allows([entry], uri)).toBe(true);
      expect(allows([entry], `${uri}a`)).toBe(false);
    }
    expect(isSafeRedirectUri(`${uri}a`)).toBe(false);
  });

  it.each([
    ['loopback', 'http://127.0.0.1/callback'],
    ['loopback', 'http://127.0.0.1:49152/callback'],
    ['loopback', 'http://[::1]:8080/'],
    ['loopback', 'http://localhost/cb?x=1'],
    ['https', 'https://app.example.com/cb?provider=x'],
    ['claude', 'https://claude.ai/api/mcp/auth_callback'],
    ['claude', 'https://claude.com/api/mcp/auth_callback'],
    ['chatgpt', 'https://chatgpt.com/connector_platform_oauth_redirect'],
    ['chatgpt', 'https://chatgpt.com/connector/oauth/abc123'],
    ['vscode', 'http://127.0.0.1:33418/'],
    ['vscode', 'https://vscode.dev/redirect'],
    ['cursor', 'cursor://anysphere.cursor-mcp/oauth/callback'],
    ['https://*.example.com/callback', 'https://a.example.com/callback'],
    ['https://app.example.com/oauth/*', 'https://app.example.com/oauth/a/b'],
    ['https://app.example.com:8443/cb', 'https://app.example.com:8443/cb'],
    ['https://app.example.com', 'https://app.example.com/'],
    ['http://localhost:3000/cb', 'http://localhost:3000/cb'],
    ['app://callback', 'app://callback'],
  ])('%s allows %s', (entry, uri) => {
    expect(allows([entry], uri)).toBe(true);
  });

  it.each([
    ['loopback', 'https://app.example.com/cb'],
    ['loopback', 'http://127.0.0.1.evil.com/cb'],
    ['loopback', 'http://localhost.evil.com/cb'],
    ['loopback', 'http://127.0.0.2/cb'],
    ['loopback', 'http://0.0.0.0/cb'],
    ['loopback', 'https://localhost/cb'],
    ['https', 'http://app.example.com/cb'],
    ['https', 'app://callback'],
    ['claude', 'https://claude.ai/api/mcp/auth_callback/x'],
    ['claude', 'https://claude.ai.evil.com/api/mcp/auth_callback'],
    ['claude', 'https://claude.ai/api/mcp/auth_callback?next=x'],
    ['chatgpt', 'https://chatgpt.com/connector/oauth'],
    ['cursor', 'cursor://evil/oauth/callback'],
    ['https://*.example.com/callback', 'https://example.com/callback'],
    ['https://*.example.com/callback', 'https://a.b.example.com/callback'],
    ['https://*.example.com/callback', 'https://.example.com/callback'],
    [
      'https://*.example.com/callback',
      'https://evil.com/.example.com/callback',
    ],
    ['https://*.example.com/callback', 'https://aexample.com/callback'],
    ['https://*.example.com/callback', 'https://a.example.com/callback/x'],
    ['https://*.example.com/callback', 'https://a.example.com:8443/callback'],
    [
      'https://*.example.com/callback',
      'https://a.example.com.evil.com/callback',
    ],
    ['https://app.example.com/oauth/*', 'https://app.example.com/oauth'],
    ['https://app.example.com/oauth/*', 'https://app.example.com/oauth/../x'],
    ['https://app.example.com/cb', 'https://appXexample.com/cb'],
    ['https://app.example.com/cb', 'https://app.example.com/CB'],
    ['https://app.example.com/cb', 'https://app.example.com/cb?code=stolen'],
    ['http://localhost:3000/cb', 'http://localhost:3001/cb'],
  ])('%s does not allow %s', (entry, uri) => {
    expect(allows([entry], uri)).toBe(false);
  });

  const everything = [
    'loopback',
    'https',
    'app://callback/*',
    'https://*.example.com/*',
  ];
  it.each([
    'http://localhost@evil.com/cb',
    'http://localhost:80@evil.com/cb',
    'https://user:password@app.example.com/cb',
    'https://@app.example.com/cb',
    'https://app.example.com/a/../cb',
    'https://app.example.com/a/./cb',
    'https://app.example.com/..',
    'https://app.example.com/a/%2e%2e/cb',
    'https://app.example.com/a/%2E./cb',
    'https://app.example.com/a/..%2fcb',
    'https://app.example.com/a/%2e%2e%2Fcb',
    'https://app.example.com/a/%2e%2e%5ccb',
    'https://app.example.com\\@evil.com/cb',
    'https://app.example.com/cb#fragment',
    'https://app.example.com/cb#',
    'https://app.example.com/ cb',
    'https://app.example.com/cb\n',
    ' https://app.example.com/cb',
    'https://app.exämple.com/cb',
    'javascript:alert(1)',
    'javascript://app.example.com/%0aalert(1)',
    'JAVASCRIPT:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    'blob:https://app.example.com/x',
    'about:blank',
    '//app.example.com/cb',
    '/cb',
    '',
  ])('nothing allows %j', (uri) => {
    expect(allows(everything, uri)).toBe(false);
    expect(isSafeRedirectUri(uri)).toBe(false);
  });

  it.each([
    'unknown',
    '*',
    'https://*',
    'https://*/cb',
    'https://*.com/cb',
    'https://*.*.example.com/cb',
    'http://app.example.com/cb',
    'javascript://x',
    'https://me@app.example.com/cb',
    'https://app.example.com/cb?x=*',
    '',
  ])('the entry %j stops the application', (entry) => {
    expect(() => new RedirectUriPolicy([entry])).toThrow(
      `redirectUris: "${entry}" is no usable entry`,
    );
  });
});

describe('isLoopbackRedirect', () => {
  it.each([
    ['http://127.0.0.1:1/x', true],
    ['http://localhost/x', true],
    ['http://[::1]/x', true],
    ['https://localhost/x', false],
    ['http://localhost.evil.com/x', false],
    ['app://localhost/x', false],
    ['no uri', false],
  ])('%s: %s', (uri, expected) => {
    expect(isLoopbackRedirect(uri)).toBe(expected);
  });
});
