import { METHODS } from 'node:http';
import * as fc from 'fast-check';

/** Whatever may stand in the value of a header (RFC 9110, section 5.5). */
export const headerValue: fc.Arbitrary<string> = fc
  .string({
    unit: fc
      .oneof(
        { weight: 8, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
        { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
        { weight: 1, arbitrary: fc.constant(0x09) },
      )
      .map((code) => String.fromCharCode(code)),
    maxLength: 60,
  })
  .map((value) => value.trim());

/** Base64url, as the parts of tokens are. */
const part = fc
  .oneof(
    fc.json().map((json) => Buffer.from(json)),
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .record(
        {
          alg: fc.constantFrom(
            'none',
            'None',
            'HS256',
            'ES256',
            'RS256',
            '',
            1,
          ),
          kid: fc.constantFrom('key of https://login.example.com', '../x', ''),
          typ: fc.constantFrom('JWT', 'at+jwt', 'x'),
          crit: fc.constantFrom(['exp'], ['b64'], [], 'x'),
          b64: fc.boolean(),
          jku: fc.constant('http://127.0.0.1:1/jwks'),
          jwk: fc.constant({ kty: 'oct', k: 'AAAA' }),
          sub: fc.string(),
          exp: fc.double(),
        },
        { requiredKeys: [] },
      )
      .map((object) => Buffer.from(JSON.stringify(object))),
  )
  .map((bytes) => bytes.toString('base64url'));

/** What looks like a JWT. */
export const jwtLike: fc.Arbitrary<string> = fc
  .array(part, { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('.'));

/** A way to change a text a little. */
export const mutation: fc.Arbitrary<(text: string) => string> = fc
  .record({
    kind: fc.constantFrom(
      'flip',
      'drop',
      'insert',
      'cut',
      'upper',
      'swap',
      'double',
    ),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    with: fc.constantFrom(...'AZaz09-_.~+/= ,"'),
  })
  .map(({ kind, at, with: character }) => (text: string) => {
    const index = Math.floor(at * text.length);
    const [before, here, after] = [
      text.slice(0, index),
      text.charAt(index),
      text.slice(index + 1),
    ];
    switch (kind) {
      case 'flip':
        return `${before}${character}${after}`;
      case 'drop':
        return `${before}${after}`;
      case 'insert':
        return `${before}${character}${here}${after}`;
      case 'cut':
        return before;
      case 'upper':
        return `${before}${here}${after.toUpperCase()}`;
      case 'swap':
        return text.split('.').reverse().join('.');
      default:
        return `${text}.${text}`;
    }
  });

/** Whether two tokens are one and the same once decoded: base64url has several spellings. */
export const saysTheSame = (a: string, b: string): boolean => {
  const decoded = (token: string) =>
    token
      .trim()
      .split('.')
      .map((text) => Buffer.from(text, 'base64url').toString('hex'))
      .join('.');
  return decoded(a) === decoded(b);
};

/** Every method but CONNECT, which is no request for a resource. */
export const method: fc.Arbitrary<string> = fc.constantFrom(
  ...METHODS.filter((name) => name !== 'CONNECT'),
);

/** Parts of paths that routers, proxies and guards are known to read differently. */
const segment = fc.oneof(
  fc.constantFrom(
    'health',
    'HEALTH',
    'public',
    'private',
    'orders',
    'menu',
    'mcp',
    '.well-known',
    '.',
    '..',
    '',
    '%2e%2e',
    '%2f',
    '%5c',
    '%00',
    '%',
    '%zz',
    '%c0%ae',
    'a;b',
    ';',
    '\\',
    '*',
    ':id',
    '__proto__',
    'constructor',
  ),
  fc.webSegment({ size: 'xsmall' }),
);
const separator = fc.constantFrom('/', '/', '/', '//', '%2f', '\\', '/./');

/** The target of a request, its query included. */
export const target: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.tuple(separator, segment), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(
      '',
      '?',
      '?x=1',
      '?access_token=x',
      '?/health',
      '#/health',
      '?a?b',
      '/',
    ),
  )
  .map(([parts, end]) => `/${parts.flat().join('').slice(1)}${end}`);
