import { ExactScopeMatcher, ScopeMatcher } from './scope.policy.js';

const exact = new ExactScopeMatcher();

it.each<[readonly string[], string, boolean]>([
  [['a', 'b'], 'b', true],
  [[], 'a', false],
  [['a:b'], 'a', false],
  [['a'], 'a:b', false],
  [['A'], 'a', false],
  [['*', 'a*'], 'a', false],
  [['a b'], 'a', false],
])(
  'a token with %j and %s: %s (RFC 6749 3.3)',
  (granted, required, matches) => {
    expect(exact.matches(granted, required)).toBe(matches);
  },
);

it('tells what is missing, in the order asked for', () => {
  expect(exact.missing(['b'], ['c', 'b', 'a'])).toEqual(['c', 'a']);
  expect(exact.missing([], [])).toEqual([]);
  expect(exact.missing(['a', 'b'], ['a'])).toEqual([]);
});

it('asks a matcher of the application about each scope', () => {
  class Admin extends ScopeMatcher {
    matches(granted: readonly string[], required: string): boolean {
      return granted.includes('admin') && required !== 'root';
    }
  }
  expect(new Admin().missing(['admin'], ['a', 'root', 'b'])).toEqual(['root']);
});
