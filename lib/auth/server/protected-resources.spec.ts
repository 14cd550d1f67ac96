import { RouteAccess } from '../access/access-rule.js';
import {
  type ProtectedResource,
  ProtectedResources,
} from './protected-resources.js';
import type { ServerAuth } from './server-auth.js';

class OneEndpoint {}
class OtherEndpoint {}
class OrdinaryController {}

const place = (
  verifiesTokens: boolean,
  endpoint?: typeof OneEndpoint,
): ProtectedResource => ({
  auth: { verifiesTokens } as ServerAuth,
  operations: new RouteAccess(),
  ...(endpoint && { endpoint }),
});
const places = (...all: ProtectedResource[]): ProtectedResources => {
  const list = new ProtectedResources();
  all.forEach((each) => list.add(each));
  return list;
};

it('gives each endpoint its own place, in any order', () => {
  const one = place(true, OneEndpoint);
  const other = place(false, OtherEndpoint);
  const routes = place(true);
  for (const all of [places(one, other, routes), places(routes, other, one)]) {
    expect(all.of(OneEndpoint)).toBe(one);
    expect(all.of(OtherEndpoint)).toBe(other);
    expect(all.of(OrdinaryController)).toBe(routes);
  }
});

it('gives ordinary routes that of McpAuthModule, whatever servers there are', () => {
  const routes = place(true);
  expect(
    places(
      place(true, OneEndpoint),
      routes,
      place(true, OtherEndpoint),
    ).routes(),
  ).toBe(routes);
});

it('else that of the only server with tokens', () => {
  const one = place(true, OneEndpoint);
  expect(places(place(false, OtherEndpoint), one).routes()).toBe(one);
});

it.each([
  ['nothing', []],
  ['an open server', [place(false, OneEndpoint)]],
  ['McpAuthModule without tokens', [place(false)]],
  [
    'McpAuthModule without tokens, and a server with them',
    [place(false), place(true, OneEndpoint)],
  ],
])('refuses to guard a route by %s (fail closed)', (_, all) => {
  expect(() => places(...all).of(OrdinaryController)).toThrow(
    'McpAuthGuard protects a route, but nothing verifies tokens. Import',
  );
});

it.each([
  ['servers', [place(true, OneEndpoint), place(true, OtherEndpoint)]],
  ['McpAuthModules', [place(true), place(true)]],
])('refuses to choose among several %s', (_, all) => {
  expect(() => places(...all).routes()).toThrow(
    'McpAuthGuard protects a route, and several servers verify tokens. Import',
  );
});
