import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServerSecrets } from '../server-keys.js';
import { BrowserCookie } from './browser-cookie.js';

const SECRETS = ['a'.repeat(32), 'b'.repeat(32)] as const;
const secrets = new ServerSecrets([SECRETS[0]]);

function request(cookie?: string, site?: string): IncomingMessage {
  return {
    headers: {
      ...(cookie !== undefined && { cookie }),
      ...(site !== undefined && { 'sec-fetch-site': site }),
    },
  } as IncomingMessage;
}

/** The value that a new browser gets, and the whole header. */
function meet(binding: BrowserCookie): { value: string; header: string } {
  let header = '';
  const response = {
    appendHeader: (_name: string, line: string) => (header = line),
  };
  const value = binding.identify(
    request(),
    response as unknown as ServerResponse,
  );
  return { value, header };
}

describe('BrowserCookie', () => {
  const binding = new BrowserCookie(secrets, true);

  it('gives a cookie that neither scripts nor other hosts can reach', () => {
    const { value, header } = meet(binding);
    expect(header).toBe(
      `__Host-mcp-browser=${value}; Path=/; HttpOnly; SameSite=Lax; Secure`,
    );
    expect(meet(binding).value).not.toBe(value);
  });

  it('has another name on plain http, where browsers refuse the prefix', () => {
    const { value, header } = meet(new BrowserCookie(secrets, false));
    expect(header).toBe(`mcp-browser=${value}; Path=/; HttpOnly; SameSite=Lax`);
  });

  it('knows a browser again, and gives it nothing new', () => {
    const { value } = meet(binding);
    const known = request(`x=1; __Host-mcp-browser=${value}; y=2`);
    expect(binding.read(known)).toBe(value);
    expect(binding.identify(known, {} as ServerResponse)).toBe(value);
  });

  it.each([
    ['none', ''],
    ['another name', `mcp-browser=${'x'.repeat(43)}`],
    ['a short value', '__Host-mcp-browser=short'],
    ['a value of other characters', `__Host-mcp-browser=${'"'.repeat(43)}`],
    [
      'two, of which one was set by somebody else',
      `__Host-mcp-browser=${'x'.repeat(43)}; __Host-mcp-browser=${'y'.repeat(43)}`,
    ],
  ])('takes no cookie: %s', (_, cookie) => {
    expect(binding.read(request(cookie))).toBeUndefined();
  });

  describe('a form', () => {
    const { value } = meet(binding);
    const cookie = `__Host-mcp-browser=${value}`;
    const csrf = binding.csrfToken(value, 'login-1');

    it.each([undefined, 'same-origin', 'none'])(
      'is genuine from its page (%s)',
      (site) => {
        expect(binding.isGenuine(request(cookie, site), 'login-1', csrf)).toBe(
          true,
        );
      },
    );

    it.each([
      ['another site', request(cookie, 'cross-site'), 'login-1', csrf],
      ['another subdomain', request(cookie, 'same-site'), 'login-1', csrf],
      ['a browser without the cookie', request(), 'login-1', csrf],
      [
        'another browser',
        request(`__Host-mcp-browser=${'x'.repeat(43)}`),
        'login-1',
        csrf,
      ],
      ['another login', request(cookie), 'login-2', csrf],
      ['nowhere', request(cookie), 'login-1', undefined],
      ['a page with two tokens', request(cookie), 'login-1', [csrf]],
      ['a page with a longer token', request(cookie), 'login-1', `${csrf}x`],
    ])('is not from %s', (_, from, uid, token) => {
      expect(binding.isGenuine(from, uid, token)).toBe(false);
    });

    it('is still genuine when a new secret was put before the old one, and not when the old one is gone', () => {
      const judge = (...all: string[]): boolean =>
        new BrowserCookie(new ServerSecrets(all), true).isGenuine(
          request(cookie),
          'login-1',
          csrf,
        );
      expect(judge(SECRETS[1], SECRETS[0])).toBe(true);
      expect(judge(SECRETS[1])).toBe(false);
    });
  });
});
