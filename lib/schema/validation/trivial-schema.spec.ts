import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { isTriviallyValid } from './trivial-schema.js';

const ajv = new Ajv2020({ strict: false, validateFormats: false });

describe('isTriviallyValid', () => {
  it.each<JsonSchema>([
    {},
    { type: 'object', properties: {}, additionalProperties: false },
    { type: ['string', 'null'], minLength: 1, pattern: '^a' },
    { type: 'number', exclusiveMinimum: -0.5, multipleOf: 0.1 },
    { enum: ['a', null], default: { a: [1] }, examples: [{ b: true }] },
    { anyOf: [{ const: 1 }, { items: { $ref: '#' } }], deprecated: true },
    { $ref: '#/$defs/Cat', $defs: { Cat: { required: ['a', 'b'] } } },
    { properties: { $ref: { type: 'string' }, enum: { type: 'null' } } },
  ])('recognises %j', (schema) => {
    expect(isTriviallyValid(schema)).toBe(true);
    expect(ajv.validateSchema(schema)).toBe(true);
  });

  it.each<JsonSchema>([
    { type: 'text' },
    { type: [] },
    { type: ['null', 'null'] },
    { minLength: -1 },
    { maxItems: 1.5 },
    { minimum: '1' },
    { maximum: Infinity },
    { multipleOf: 0 },
    { required: ['a', 'a'] },
    { required: [1] },
    { properties: { a: 'string' } },
    { properties: [] },
    { anyOf: [] },
    { allOf: [{ type: 'text' }] },
    { items: [{ type: 'string' }] },
    { title: undefined },
    { uniqueItems: 'yes' },
    { enum: 'a' },
  ])('does not recognise %j, which is wrong', (schema) => {
    expect(isTriviallyValid(schema)).toBe(false);
  });

  it.each<JsonSchema>([
    { $schema: 'http://json-schema.org/draft-07/schema#' },
    { $id: 'https://example.com/s' },
    { unknown: true },
    { $ref: 'https://example.com/other.json' },
    { $ref: '#/$defs/None' },
    { default: { $ref: '#/nowhere' } },
    { const: [{ $id: 'x' }] },
  ])('leaves %j to a closer look', (schema) => {
    expect(isTriviallyValid(schema)).toBe(false);
  });

  it('recognises no schema that the dialect refuses', () => {
    const keyword = fc.constantFrom(
      'type',
      'minLength',
      'minimum',
      'multipleOf',
      'required',
      'enum',
      'const',
      'title',
      'deprecated',
      'uniqueItems',
      'default',
      'examples',
    );
    const value = fc.oneof(
      fc.constantFrom('string', 'object', 'text', 0, 1, -1, 1.5, true, null),
      fc.array(fc.constantFrom('string', 'null', 'a', 1)),
    );
    const { schema } = fc.letrec<{ schema: JsonSchema; below: unknown }>(
      (tie) => ({
        below: fc.oneof(
          { maxDepth: 3 },
          value,
          tie('schema'),
          fc.array(tie('schema'), { maxLength: 2 }),
          fc.dictionary(fc.constantFrom('a', 'type'), tie('schema')),
        ),
        schema: fc
          .tuple(
            fc.dictionary(keyword, value, { maxKeys: 3 }),
            fc.dictionary(
              fc.constantFrom(
                'properties',
                'items',
                'allOf',
                'not',
                '$defs',
                'additionalProperties',
                'prefixItems',
              ),
              tie('below'),
              { maxKeys: 2 },
            ),
          )
          .map(([own, more]) => ({ ...own, ...more })),
      }),
    );
    let recognised = 0;
    fc.assert(
      fc.property(schema, (each) => {
        if (isTriviallyValid(each)) {
          recognised += 1;
          expect(ajv.validateSchema(each)).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
    expect(recognised).toBeGreaterThan(100);
  });
});
