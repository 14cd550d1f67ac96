import fc from 'fast-check';
import { expectStrict } from '../../../test/support/input-of.js';
import { fromOpenApi } from '../classes/openapi.converter.js';
import type { JsonSchema } from './schema-keywords.js';
import { SchemaReference } from './schema-reference.js';
import { bundleSchema } from './schema.bundler.js';

const convert = (schema: JsonSchema): JsonSchema =>
  bundleSchema(
    fromOpenApi(schema, () => undefined),
    'input',
  );

describe('a schema of OpenAPI 3.0', () => {
  it.each<[string, JsonSchema, JsonSchema]>([
    [
      'without a type gets the one that its keywords imply',
      { minLength: 1 },
      { type: 'string', minLength: 1 },
    ],
    [
      'loses keywords of another type',
      { type: 'object', minimum: 1 },
      { type: 'object' },
    ],
    [
      'loses a type that its alternatives contradict',
      { type: 'object', oneOf: [{ type: 'string' }, { type: 'number' }] },
      { oneOf: [{ type: 'string' }, { type: 'number' }] },
    ],
    [
      'of several types becomes alternatives, each with its keywords',
      { type: ['string', 'number', 'null'], minLength: 1, minimum: 2 },
      {
        anyOf: [
          { type: 'string', minLength: 1 },
          { type: 'number', minimum: 2 },
          { type: 'null' },
        ],
      },
    ],
    [
      'with nullable alternatives gets one more',
      { description: 'd', nullable: true, oneOf: [{ type: 'string' }] },
      {
        description: 'd',
        anyOf: [{ oneOf: [{ type: 'string' }] }, { type: 'null' }],
      },
    ],
    [
      'loses a pattern that is none in Unicode mode',
      { type: 'string', pattern: '\\-' },
      { type: 'string' },
    ],
    ['loses an empty enum', { type: 'string', enum: [] }, { type: 'string' }],
    [
      'keeps properties that are named like keywords',
      {
        type: 'object',
        properties: {
          nullable: { type: 'boolean' },
          example: { type: 'string', example: 'x' },
          properties: { type: 'string' },
        },
      },
      {
        type: 'object',
        properties: {
          nullable: { type: 'boolean' },
          example: { type: 'string', examples: ['x'] },
          properties: { type: 'string' },
        },
      },
    ],
  ])('%s', (_, schema, expected) => {
    expect(convert(schema)).toEqual(expected);
  });

  it('passes strict mode, whatever its keywords', () => {
    const limit = fc.integer({ min: 0, max: 5 });
    const { schema } = fc.letrec<{ schema: JsonSchema; node: JsonSchema }>(
      (tie) => ({
        schema: fc.oneof(
          { maxDepth: 2 },
          fc.constant({ type: 'string' }),
          tie('node'),
        ),
        node: fc.record(
          {
            type: fc.constantFrom(
              'string',
              'number',
              'integer',
              'boolean',
              'array',
              'object',
              ['string', 'null'],
              ['string', 'number'],
            ),
            nullable: fc.boolean(),
            enum: fc.array(fc.oneof(fc.string(), fc.integer()), {
              maxLength: 2,
            }),
            format: fc.constantFrom('date-time', 'int32', 'binary', 'nonsense'),
            pattern: fc.constantFrom('^a$', '\\-', '['),
            minLength: limit,
            minimum: limit,
            exclusiveMinimum: fc.oneof(fc.boolean(), limit),
            minItems: limit,
            uniqueItems: fc.boolean(),
            default: fc.jsonValue(),
            example: fc.string(),
            discriminator: fc.constant({ propertyName: 'kind' }),
            'x-own': fc.string(),
            description: fc.string(),
            readOnly: fc.boolean(),
            required: fc.constantFrom(['a'], ['a', 'a'], [], true),
            properties: fc.dictionary(
              fc.constantFrom('a', 'type', 'constructor'),
              tie('schema'),
              { maxKeys: 2 },
            ),
            items: tie('schema'),
            additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
            not: tie('schema'),
            allOf: fc.array(tie('schema'), { maxLength: 2 }),
            anyOf: fc.array(tie('schema'), { maxLength: 2 }),
            oneOf: fc.array(tie('schema'), { maxLength: 2 }),
          },
          { requiredKeys: [] },
        ),
      }),
    );
    fc.assert(
      fc.property(schema, (given) => expectStrict(convert(given))),
      { numRuns: 300 },
    );
  });
});

describe('definitions', () => {
  it('are named by identity: equal names get a number, equal objects one place', () => {
    const first = new SchemaReference('Cat', () => ({ type: 'string' }));
    const second: SchemaReference = new SchemaReference('Cat', () => ({
      type: 'array',
      items: { $ref: second },
    }));
    const odd = new SchemaReference('Page<Cat>', () => ({ type: 'number' }));
    const schema = bundleSchema(
      {
        type: 'object',
        properties: {
          a: { $ref: first },
          b: { $ref: second },
          c: { $ref: first, nullable: true },
          d: { $ref: odd },
        },
      },
      'output',
    );
    expect(schema).toEqual({
      type: 'object',
      properties: {
        a: { $ref: '#/$defs/Cat' },
        b: { $ref: '#/$defs/Cat_2' },
        c: { anyOf: [{ $ref: '#/$defs/Cat' }, { type: 'null' }] },
        d: { $ref: '#/$defs/Page_Cat_' },
      },
      $defs: {
        Cat: { type: 'string' },
        Cat_2: { type: 'array', items: { $ref: '#/$defs/Cat_2' } },
        Page_Cat_: { type: 'number' },
      },
    });
    expectStrict(schema);
  });
});
