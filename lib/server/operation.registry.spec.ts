import type { Operation } from '../invocation/call-result.js';
import { OperationRegistry } from './operation.registry.js';

const tool = (name: string, description = name) => ({
  kind: 'tool' as const,
  name,
  owner: Object,
  handler: {},
  origin: `the origin of ${name}`,
  definition: { description },
});
type Listed = Operation & { readonly definition: { description: string } };

describe('OperationRegistry', () => {
  let registry: OperationRegistry<Listed>;
  let changes: (readonly string[])[];

  beforeEach(() => {
    registry = new OperationRegistry();
    changes = [];
    registry.onLaterChange((names) => changes.push(names));
  });
  const names = () => [...registry.all].map(({ name }) => name);

  it('lists by name, whatever was added when', () => {
    registry.replace([tool('c'), tool('a')]);
    registry.add(tool('b'));
    expect(names()).toEqual(['a', 'b', 'c']);
    expect(registry.definitions.map((entry) => entry.description)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('tells nothing of what is there when the application starts, but to those who ask for all', () => {
    const all: (readonly string[])[] = [];
    registry.onChange((names) => all.push(names));
    registry.add(tool('a'));
    registry.replace([tool('b')]);
    expect(names()).toEqual(['a', 'b']);
    expect(changes).toEqual([]);
    registry.remove('a');
    expect(changes).toEqual([['a']]);
    expect(all).toEqual([['a'], ['b'], ['a']]);
  });

  it('tells what came, went and changed, and nothing where all is as it was', () => {
    registry.replace([tool('a'), tool('b')]);
    registry.replace([tool('b', 'other'), tool('c')]);
    registry.replace([tool('c'), tool('b', 'other')]);
    registry.add(tool('d'));
    registry.remove('d');
    registry.remove('d');
    expect(changes).toEqual([['a', 'b', 'c'], ['d'], ['d']]);
  });

  it('keeps what was added when the rest is replaced', () => {
    registry.replace([tool('a')]);
    registry.add(tool('b'));
    registry.replace([tool('c')]);
    expect(names()).toEqual(['b', 'c']);
  });

  it('does not remove what was found', () => {
    registry.replace([tool('a')]);
    expect(registry.remove('a')).toBe(false);
    expect(names()).toEqual(['a']);
  });

  it.each<[string, () => void]>([
    ['two found', () => registry.replace([tool('x'), tool('x')])],
    ['one found, one added', () => registry.add(tool('a'))],
    ['two added', () => registry.add(tool('b', 'another'))],
    ['one added, one found later', () => registry.replace([tool('b')])],
  ])('refuses %s of one name, and stays as it was', (_title, act) => {
    registry.replace([tool('a')]);
    registry.add(tool('b'));
    const before = registry.definitions;
    expect(act).toThrow(/There is a tool "(x|a|b)" already \(the origin of/);
    expect(registry.definitions).toBe(before);
    expect(changes).toHaveLength(1);
  });

  it('stays as it was where a check refuses', () => {
    registry.replace([tool('a')]);
    registry.addCheck((operations) => {
      if (operations.length > 1) {
        throw new Error('too many');
      }
    });
    expect(() => registry.add(tool('b'))).toThrow('too many');
    registry.replace([tool('c')]);
    expect(names()).toEqual(['c']);
  });
});
