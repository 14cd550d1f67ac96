import {
  checkOptions,
  type OptionKeys,
  type OptionTable,
} from './option-keys.js';
import { nearestName } from './option-keys.js';

interface Atlas {
  readonly scale?: number;
  readonly maps?: readonly { readonly title: string }[];
}

const ATLAS_KEYS: OptionKeys<Atlas> = { scale: true, maps: [{ title: true }] };

describe('a table of options', () => {
  it('does not compile without an option, or with one that does not exist', () => {
    // @ts-expect-error: maps is missing
    const short: OptionKeys<Atlas> = { scale: true };
    const long: OptionKeys<Atlas> = {
      ...ATLAS_KEYS,
      // @ts-expect-error: Atlas has no legend
      legend: true,
    };
    expect([Object.keys(short), Object.keys(long)]).toEqual([
      ['scale'],
      ['scale', 'maps', 'legend'],
    ]);
  });

  it.each([
    [
      { maps: [{ title: 'a' }, { titel: 'b' }] },
      'atlas({ maps: [{ titel }] })',
    ],
    [{ 'my scale': 1 }, 'atlas({ "my scale" }): "my scale" is no option.'],
    [{ scale: 1, maps: {} }, 'atlas({ maps }): maps is an object'],
    [{ maps: ['x'] }, 'atlas({ maps: […] }): maps[0] is a string'],
    ['x', 'atlas(a string): Give an object of options.'],
    [[], 'atlas(a list): Give an object of options.'],
  ])('refuses %j', (options, message) => {
    expect(() =>
      checkOptions('atlas(…)', options as Atlas, ATLAS_KEYS),
    ).toThrow(message);
  });

  it('says nothing of symbols, which are nobody’s misspelt option', () => {
    const marked = { scale: 1, [Symbol('brand')]: true };
    expect(() =>
      checkOptions('atlas(…)', marked as Atlas, ATLAS_KEYS),
    ).not.toThrow();
  });

  it('has no keys that objects have by nature', () => {
    const table: OptionTable = {};
    for (const key of ['constructor', '__proto__', 'hasOwnProperty']) {
      expect(() =>
        checkOptions('x(…)', Object.fromEntries([[key, 1]]), table as never),
      ).toThrow(`${key} is no option.`);
    }
  });
});

describe('the nearest name', () => {
  const names = ['name', 'path', 'requiredScopes', 'exclude', 'ttl'];
  it.each([
    ['requiredScope', 'requiredScopes'],
    ['RequiredScopes', 'requiredScopes'],
    ['requireScopes', 'requiredScopes'],
    ['exlude', 'exclude'],
    ['excludes', 'exclude'],
    ['pth', 'path'],
    ['tl', 'ttl'],
    ['game', 'name'],
    ['rime', undefined],
    ['scopes', undefined],
    ['x', undefined],
    ['', undefined],
  ])('to %s is %s', (misspelt, nearest) => {
    expect(nearestName(misspelt, names)).toBe(nearest);
  });
});
