import type { AddressInfo } from 'node:net';
import { TransportSecurity } from './origin-policy.js';

const at = (address: string): AddressInfo => ({
  address,
  family: 'IPv4',
  port: 3000,
});
const loopback = at('127.0.0.1');
const open = at('0.0.0.0');

const statusOf = (
  options: ConstructorParameters<typeof TransportSecurity>[0],
  host: string | undefined,
  origin: string | undefined,
  bound: AddressInfo | string | null,
): number =>
  new TransportSecurity(options).refuse({ host, origin }, bound)?.status ?? 200;

describe('Host header', () => {
  it.each([
    ['localhost:3000', loopback, 200],
    ['127.0.0.1', loopback, 200],
    ['[::1]:3000', loopback, 200],
    ['evil.example', loopback, 421],
    ['localhost.evil.example', loopback, 421],
    ['127.0.0.1.evil.example:80', loopback, 421],
    [undefined, loopback, 421],
    ['evil.example', open, 200],
    ['evil.example', '/run/app.sock', 200],
    ['evil.example', null, 421],
    ['a b', open, 400],
    ['caf\u00e9.example', open, 400],
  ])('%s on %p answers %i', (host, bound, status) => {
    expect(statusOf({}, host, undefined, bound)).toBe(status);
  });

  it('must be one of `hosts` where they are given, on any bind', () => {
    const options = { hosts: ['api.example.com'] };
    expect(statusOf(options, 'API.example.com:8080', undefined, open)).toBe(
      200,
    );
    expect(statusOf(options, 'api.example.com', undefined, loopback)).toBe(200);
    expect(statusOf(options, 'localhost', undefined, loopback)).toBe(421);
    expect(statusOf(options, 'other.example.com', undefined, open)).toBe(421);
  });
});

it('judges each request by its own Host, whatever came before', () => {
  const security = new TransportSecurity({});
  for (const [host, status] of [
    ['localhost', undefined],
    ['localhost', undefined],
    ['evil.example', 421],
    ['evil.example', 421],
    ['a b', 400],
    ['a b', 400],
    [undefined, 421],
    ['', 400],
    ['localhost', undefined],
  ] as const) {
    expect(security.refuse({ host, origin: undefined }, loopback)?.status).toBe(
      status,
    );
  }
});

describe('Origin header', () => {
  it.each([
    ['http://localhost:5173', 'localhost:3000', loopback, 200],
    ['http://evil.example', 'localhost:3000', loopback, 403],
    ['http://localhost:5173', '10.0.0.5:3000', open, 403],
    ['http://10.0.0.5:3000', '10.0.0.5:3000', open, 200],
    ['http://10.0.0.5:3001', '10.0.0.5:3000', open, 403],
    ['http://evil.example:3000', 'evil.example:3000', open, 403],
    ['null', 'localhost:3000', loopback, 403],
    ['http://localhost@evil.example', 'localhost:3000', loopback, 403],
    ['file://', 'localhost:3000', loopback, 403],
    ['', 'localhost:3000', loopback, 403],
  ])('%s at %s on %p answers %i', (origin, host, bound, status) => {
    expect(statusOf({}, host, origin, bound)).toBe(status);
  });

  it('is let in when listed, in any case, and only then', () => {
    const options = {
      allow: ['https://app.example.com', 'vscode-webview://abc'],
    };
    const host = 'api.example.com';
    expect(statusOf(options, host, 'https://APP.example.com', open)).toBe(200);
    expect(statusOf(options, host, 'vscode-webview://abc', open)).toBe(200);
    expect(statusOf(options, host, 'http://app.example.com', open)).toBe(403);
    expect(
      statusOf(options, host, 'https://app.example.com.evil.example', open),
    ).toBe(403);
  });

  it('may be the own name of a server that lists it as a host', () => {
    const options = { hosts: ['api.example.com'] };
    expect(
      statusOf(options, 'api.example.com', 'https://api.example.com', open),
    ).toBe(200);
  });
});

// Node 20's `URL.canParse` takes them for the bytes of UTF-8 once it is hot.
it('refuses what is not ASCII, however much it has parsed before', () => {
  for (let port = 0; port < 60_000; port++) {
    statusOf({}, `127.0.0.1:${port}`, 'http://127.0.0.1', loopback);
  }
  for (const odd of ['\u00c3\u0080', '\u00c0', 'x\u00d2']) {
    expect(statusOf({}, odd, undefined, open)).toBe(400);
    expect(statusOf({}, 'localhost', `http://${odd}`, loopback)).toBe(403);
  }
});

it('checks nothing when origins is false', () => {
  expect(statusOf(false, 'evil.example', 'http://evil.example', loopback)).toBe(
    200,
  );
});

it.each([
  [{ allow: ['*'] }, '"*"'],
  [{ allow: ['app.example.com'] }, '"app.example.com"'],
  [{ allow: ['https://app.example.com/'] }, 'app.example.com/'],
  [{ hosts: ['https://api.example.com'] }, 'api.example.com'],
  [{ hosts: ['api.example.com:80'] }, ':80'],
])('stops the application for %j', (options, value) => {
  expect(() => new TransportSecurity(options)).toThrow(value);
});
