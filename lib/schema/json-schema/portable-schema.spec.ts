import { Ajv2020 } from 'ajv/dist/2020.js';
import { portableSchema } from './portable-schema.js';
import type { JsonSchema, ObjectSchema } from './schema-keywords.js';

/** What a property with the given schema becomes. */
const emitted = (
  schema: unknown,
  $defs?: Record<string, JsonSchema>,
): unknown => {
  const { properties, ...rest } = portableSchema({
    type: 'object',
    properties: { value: schema },
    ...($defs && { $defs }),
  });
  const { value } = properties as { value: unknown };
  return '$defs' in rest ? { value, $defs: rest['$defs'] } : value;
};

const CAT = { type: 'object', properties: { name: { type: 'string' } } };

describe('vendor, construct, and what is emitted', () => {
  it.each<[string, string, unknown, unknown]>([
    [
      'Gemini',
      'types in a list',
      { type: ['string', 'null'], description: 'Name', maxLength: 9 },
      {
        description: 'Name',
        anyOf: [{ type: 'string', maxLength: 9 }, { type: 'null' }],
      },
    ],
    ['Gemini', 'one type in a list', { type: ['string'] }, { type: 'string' }],
    ['Gemini', 'const', { const: 'cat' }, { type: 'string', enum: ['cat'] }],
    [
      'Gemini',
      'const of a boolean',
      { const: true },
      { type: 'boolean', description: 'One of: true' },
    ],
    ['Gemini', 'const null', { const: null }, { type: 'null' }],
    [
      'Gemini',
      'an unknown format',
      { type: 'string', format: 'uuid' },
      { type: 'string', description: 'Format: uuid' },
    ],
    [
      'Gemini',
      'an unknown format beside a description',
      { type: 'string', format: 'email', description: 'Whom to write' },
      { type: 'string', description: 'Whom to write (format: email)' },
    ],
    [
      'Gemini',
      'the format it knows',
      { type: 'string', format: 'date-time' },
      { type: 'string', format: 'date-time' },
    ],
    [
      'Gemini',
      'a format of numbers',
      { type: 'integer', format: 'int64' },
      { type: 'integer' },
    ],
    [
      'Gemini',
      'a tuple',
      {
        type: 'array',
        prefixItems: [{ type: 'string' }, { type: 'number' }],
        items: false,
        minItems: 2,
      },
      {
        type: 'array',
        minItems: 2,
        items: { anyOf: [{ type: 'string' }, { type: 'number' }] },
        maxItems: 2,
      },
    ],
    [
      'Gemini',
      'a tuple of one type',
      { type: 'array', prefixItems: [{ type: 'number' }, { type: 'number' }] },
      { type: 'array', items: { type: 'number' } },
    ],
    [
      'Gemini',
      'bounds that exclude',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 10 },
      { type: 'integer', minimum: 1, maximum: 9 },
    ],
    [
      'Gemini',
      'words beside a reference',
      { $ref: '#/$defs/Cat', description: 'Mine' },
      {
        value: { description: 'Mine', anyOf: [{ $ref: '#/$defs/Cat' }] },
        $defs: { Cat: CAT },
      },
    ],
    [
      'Gemini',
      'an enumeration without a type',
      { enum: ['a', 'b'] },
      { type: 'string', enum: ['a', 'b'] },
    ],
    [
      'Gemini',
      'an enumeration with null',
      { type: ['string', 'null'], enum: ['a', null] },
      { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
    ],
    [
      'Gemini',
      'an enumeration of two types',
      { enum: ['a', 1] },
      {
        anyOf: [
          { type: 'string', enum: ['a'] },
          { type: 'number', enum: [1] },
        ],
      },
    ],
    [
      'Gemini',
      'an enumeration of integers',
      { type: 'integer', enum: [1, 2] },
      { type: 'integer', enum: [1, 2] },
    ],
    [
      'OpenAI',
      'oneOf',
      { oneOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
    ],
    [
      'OpenAI',
      'allOf of one reference',
      { allOf: [{ $ref: '#/$defs/Cat' }], description: 'Mine' },
      {
        value: { description: 'Mine', anyOf: [{ $ref: '#/$defs/Cat' }] },
        $defs: { Cat: CAT },
      },
    ],
    [
      'OpenAI',
      'allOf of several',
      {
        allOf: [
          { $ref: '#/$defs/Cat' },
          {
            type: 'object',
            properties: { age: { type: 'number' } },
            required: ['age'],
          },
        ],
      },
      {
        type: 'object',
        properties: { name: { type: 'string' }, age: { type: 'number' } },
        required: ['age'],
      },
    ],
    [
      'OpenAI',
      'not, if, else',
      {
        type: 'string',
        not: { enum: ['x'] },
        if: { minLength: 2 },
        else: {},
      },
      { type: 'string' },
    ],
    [
      'OpenAI',
      'a pattern that looks around',
      { type: 'string', pattern: '^(?!a)' },
      { type: 'string', description: 'Pattern: ^(?!a)' },
    ],
    [
      'OpenAI',
      'a plain pattern',
      { type: 'string', pattern: '^[a-z]+$' },
      { type: 'string', pattern: '^[a-z]+$' },
    ],
    [
      'all',
      'keys by pattern',
      {
        type: 'object',
        patternProperties: { '^x-': { type: 'string' } },
        additionalProperties: false,
      },
      { type: 'object', additionalProperties: { type: 'string' } },
    ],
    [
      'all',
      'items that are true',
      { type: 'array', items: true },
      { type: 'array', items: {} },
    ],
    [
      'all',
      'bytes as text',
      {
        type: 'string',
        contentEncoding: 'base64',
        contentMediaType: 'image/png',
      },
      { type: 'string', description: 'Encoding: base64' },
    ],
  ])('%s: %s', (_vendor, _construct, given, expected) => {
    const $defs = JSON.stringify(given).includes('$defs')
      ? { Cat: CAT }
      : undefined;
    expect(emitted(given, $defs)).toEqual(expected);
  });
});

it('keeps properties that are named like keywords', () => {
  const schema: ObjectSchema = {
    type: 'object',
    properties: { not: { type: 'string' }, const: { type: 'number' } },
    required: ['not'],
  };
  expect(portableSchema(schema)).toEqual(schema);
});

it('keeps a recursion, and moves its definition to the root', () => {
  const tree = {
    type: 'object',
    properties: {
      name: { type: 'string' },
      children: { type: 'array', items: { $ref: '#' } },
    },
  } as const;
  const written = portableSchema(tree);
  const references = JSON.stringify(written).match(/"\$ref":"[^"]*"/g);
  expect(references).not.toBeNull();
  for (const reference of references ?? []) {
    expect(reference).toMatch(/^"\$ref":"#\/\$defs\/Arguments"$/);
  }
  expect(written['$defs']).toHaveProperty('Arguments.properties.children');
});

it('survives an allOf that contains itself', () => {
  expect(
    portableSchema({
      type: 'object',
      properties: { node: { $ref: '#/$defs/Node' } },
      $defs: {
        Node: {
          allOf: [
            { $ref: '#/$defs/Node' },
            { type: 'object', properties: { id: { type: 'string' } } },
          ],
        },
      },
    }),
  ).toMatchObject({
    $defs: { Node: { type: 'object', properties: { id: { type: 'string' } } } },
  });
});

it('writes alternatives at the root as one object', () => {
  const written = portableSchema({
    type: 'object',
    oneOf: [
      {
        type: 'object',
        properties: { kind: { const: 'card' }, number: { type: 'string' } },
        required: ['kind', 'number'],
      },
      {
        type: 'object',
        properties: { kind: { const: 'iban' }, iban: { type: 'string' } },
        required: ['kind', 'iban'],
      },
    ],
  });
  expect(written).toEqual({
    type: 'object',
    properties: {
      kind: {
        anyOf: [
          { type: 'string', enum: ['card'] },
          { type: 'string', enum: ['iban'] },
        ],
      },
      number: { type: 'string' },
      iban: { type: 'string' },
    },
    required: ['kind'],
  });
});

describe('what the schema takes', () => {
  const schema: ObjectSchema = {
    type: 'object',
    properties: {
      id: { type: 'string', format: 'uuid' },
      size: { enum: ['s', 'l', null] },
      at: { type: ['number', 'null'], exclusiveMinimum: 0 },
      pair: {
        type: 'array',
        prefixItems: [{ type: 'string' }, { const: 1 }],
        items: false,
      },
      pet: { oneOf: [{ $ref: '#/$defs/Pet' }, { type: 'null' }] },
    },
    additionalProperties: false,
    $defs: {
      Pet: {
        allOf: [
          { type: 'object', properties: { name: { type: 'string' } } },
          { type: 'object', properties: { pet: { $ref: '#/$defs/Pet' } } },
        ],
      },
    },
  };
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    strictTuples: false,
    formats: { uuid: true },
  });

  it.each([
    { size: null, at: 2, pair: ['a', 1] },
    { size: 's', at: null },
    { pet: { name: 'Tom', pet: { name: 'Kit' } } },
    { pet: null, id: '5f9d1c1e-0b1a-4d0e-9d0a-2f3b4c5d6e7f' },
  ])('is taken by what is advertised: %j', (value) => {
    expect(ajv.compile(schema)(value)).toBe(true);
    expect(ajv.compile(portableSchema(schema))(value)).toBe(true);
  });
});
