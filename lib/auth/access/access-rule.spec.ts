import { McpAuthorize, McpPublic, McpScopes } from './access.decorators.js';
import { PLAIN_RULE, readAccessRule } from './access-rule.js';
import { securitySchemes } from './tool-visibility.js';

const yes = () => true;
const no = () => false;

class Plain {
  open(): void {}
  @McpScopes('b', 'a')
  scoped(): void {}
  @McpPublic()
  free(): void {}
  @McpAuthorize(yes)
  asked(): void {}
  @McpPublic()
  @McpScopes('a')
  both(): void {}
}

@McpScopes('c', 'a')
@McpAuthorize(no)
class Scoped extends Plain {}

@McpPublic()
class Free extends Plain {}

@McpPublic()
@McpScopes('a')
class Both extends Plain {}

const rule = (owner: typeof Plain, method: keyof Plain) =>
  readAccessRule(owner, owner.prototype[method]);

it('is plain without decorators', () => {
  expect(rule(Plain, 'open')).toEqual(PLAIN_RULE);
});

it('adds the scopes of class and method up, each once', () => {
  expect(rule(Plain, 'scoped').scopes).toEqual(['b', 'a']);
  expect(rule(Scoped, 'open').scopes).toEqual(['c', 'a']);
  expect(rule(Scoped, 'scoped').scopes).toEqual(['c', 'a', 'b']);
});

it('has the method win over its class: public over scopes, scopes over public', () => {
  expect(rule(Scoped, 'free')).toMatchObject({ isPublic: true, scopes: [] });
  expect(rule(Free, 'scoped')).toMatchObject({
    isPublic: false,
    scopes: ['b', 'a'],
  });
  expect(rule(Free, 'open')).toMatchObject({ isPublic: true, scopes: [] });
  expect(rule(Plain, 'free')).toMatchObject({ isPublic: true, scopes: [] });
});

it('keeps every predicate, those of public tools too', () => {
  expect(rule(Plain, 'asked').predicates).toEqual([yes]);
  expect(rule(Scoped, 'asked').predicates).toEqual([no, yes]);
  expect(rule(Scoped, 'free').predicates).toEqual([no]);
});

it.each([
  ['Plain.both', () => rule(Plain, 'both')],
  ['Both', () => rule(Both, 'open')],
])('refuses both at one place, by its name: %s', (name, read) => {
  expect(read).toThrow(`${name} carries both @McpPublic() and @McpScopes()`);
});

it('is told to clients as security schemes', () => {
  expect(securitySchemes(rule(Plain, 'free'), ['x'])).toEqual([
    { type: 'noauth' },
    { type: 'oauth2' },
  ]);
  expect(securitySchemes(rule(Plain, 'scoped'), ['x', 'b', 'a'])).toEqual([
    { type: 'oauth2', scopes: ['x', 'b', 'a'] },
  ]);
  expect(securitySchemes(PLAIN_RULE, [])).toEqual([{ type: 'oauth2' }]);
});

it('adds up what several decorators in one place ask for', () => {
  @McpAuthorize(no)
  @McpAuthorize(yes)
  class Twice {
    @McpScopes('a')
    @McpScopes('b', 'a')
    @McpAuthorize(yes)
    @McpAuthorize(no)
    asked(): void {}
  }
  expect(readAccessRule(Twice, Twice.prototype.asked)).toMatchObject({
    scopes: ['a', 'b'],
    predicates: [no, yes, yes, no],
  });
});

it.each([undefined, null, true])(
  'does not take %s for a predicate',
  (predicate) => {
    expect(() => McpAuthorize(predicate as never)).toThrow('Give a function');
  },
);

it.each([[[]], [[undefined]], [['']], [[['a', 'b']]]])(
  'does not take %j for scopes',
  (scopes) => {
    expect(() => McpScopes(...(scopes as unknown as [string]))).toThrow(
      'names no scope',
    );
  },
);
