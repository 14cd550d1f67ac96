import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { addRule } from './class-validator.rules.js';

const both = (one: JsonSchema, other: JsonSchema): JsonSchema => {
  const rules = {};
  addRule(rules, one);
  addRule(rules, other);
  return rules;
};

describe('two rules of one property', () => {
  it.each<[JsonSchema, JsonSchema, JsonSchema]>([
    [{ minLength: 1 }, { minLength: 6 }, { minLength: 6 }],
    [{ maxLength: 9 }, { maxLength: 6 }, { maxLength: 6 }],
    [{ minimum: 1 }, { minimum: 3 }, { minimum: 3 }],
    [{ minItems: 1 }, { minItems: 2 }, { minItems: 2 }],
    [{ maxItems: 1 }, { maxItems: 2 }, { maxItems: 1 }],
    [
      { exclusiveMinimum: 0 },
      { minimum: 5 },
      { exclusiveMinimum: 0, minimum: 5 },
    ],
    [{ type: 'integer' }, { type: 'number' }, { type: 'integer' }],
    [{ enum: [1, 2] }, { enum: [2, 3] }, { enum: [2] }],
    [
      { items: { minLength: 1 } },
      { items: { minLength: 2 } },
      { items: { minLength: 2 } },
    ],
  ])('%j and %j are both held, in either order', (one, other, expected) => {
    expect(both(one, other)).toEqual(expected);
    expect(both(other, one)).toEqual(expected);
  });

  it('stand side by side where one keyword cannot hold both', () => {
    expect(both({ pattern: 'a' }, { pattern: 'b' })).toEqual({
      pattern: 'a',
      allOf: [{ pattern: 'b' }],
    });
    expect(both({ not: { const: 1 } }, { not: { enum: [2] } })).toEqual({
      not: { enum: [1, 2] },
    });
    expect(both({ not: { pattern: 'a' } }, { not: { const: 'b' } })).toEqual({
      not: { anyOf: [{ pattern: 'a' }, { const: 'b' }] },
    });
  });
});
