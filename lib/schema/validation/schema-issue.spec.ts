import { describeIssues } from './schema-issue.js';
import { SchemaValidator } from './schema.validator.js';

const validator = new SchemaValidator(
  {
    type: 'object',
    properties: {
      id: { type: 'integer' },
      name: { type: 'string' },
      either: { anyOf: [{ type: 'integer' }, { type: 'boolean' }] },
      list: { type: 'array', items: { type: 'string' } },
    },
    required: ['id', 'name'],
    additionalProperties: false,
  },
  'the schema',
  { validateFormats: false },
);
const pathsOf = (value: unknown): string[] =>
  validator.issuesOf(value).map(({ path }) => path);

describe('the issues of a value', () => {
  it('are all that is wrong with it', () => {
    expect(pathsOf({ id: 'a', list: ['a', 1], other: 1 }).sort()).toEqual([
      'id',
      'list[1]',
      'name',
      'other',
    ]);
  });

  it('have one for a union, whatever its members say', () => {
    expect(pathsOf({ id: 1, name: 'a', either: 'text' })).toEqual(['either']);
  });

  it('are none of a value that holds', () => {
    expect(pathsOf({ id: 1, name: 'a', either: true })).toEqual([]);
  });

  it('are twenty in words, with the number of the others', () => {
    const issues = Array.from({ length: 23 }, (_, i) => ({
      path: `p${i}`,
      message: `m${i}`,
    }));
    const text = describeIssues(issues);
    expect(text).toMatch(/^m0; m1; .*m19; and 3 more$/);
  });
});
