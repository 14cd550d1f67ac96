import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { SchemaValidator } from './schema.validator.js';

const issueOf = (schema: JsonSchema, value: unknown, validateFormats = true) =>
  new SchemaValidator(schema, 'inputSchema of C.run', {
    validateFormats,
  }).validate(value);

const schema: JsonSchema = {
  type: 'object',
  properties: {
    code: { type: 'string', minLength: 2 },
    limit: { type: 'integer', maximum: 100 },
    kind: { enum: ['a', 'b'] },
    maybe: { type: ['integer', 'null'] },
    nullable: { anyOf: [{ $ref: '#/$defs/Range' }, { type: 'null' }] },
    either: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    list: { type: 'array', items: { $ref: '#/$defs/Range' } },
    filters: { $ref: '#/$defs/Range' },
    mail: { type: 'string', format: 'email' },
    constructor: { type: 'string' },
  },
  required: ['code'],
  additionalProperties: false,
  $defs: {
    Range: {
      type: 'object',
      properties: { limit: { type: 'integer', maximum: 100 } },
      required: ['limit'],
      additionalProperties: false,
    },
  },
};

describe('validate', () => {
  it('is undefined for a valid value', () => {
    expect(issueOf(schema, { code: 'de', limit: 100 })).toBeUndefined();
  });

  it.each([
    [{}, 'code', '`code` is required'],
    [{ code: 'de', limit: 101 }, 'limit', '`limit` must be <= 100'],
    [{ code: 'de', limit: 'x' }, 'limit', '`limit` must be an integer'],
    [{ code: 'd' }, 'code', '`code` must NOT have fewer than 2 characters'],
    [
      { code: 'de', colour: 1 },
      'colour',
      '`colour` is not an argument of this tool',
    ],
    [{ code: 'de', kind: 'c' }, 'kind', '`kind` must be one of "a", "b"'],
    [{ code: 'de', maybe: 'x' }, 'maybe', '`maybe` must be an integer or null'],
    [{ code: 'de', nullable: 'x' }, 'nullable', '`nullable` must be an object'],
    [
      { code: 'de', nullable: {} },
      'nullable.limit',
      '`nullable.limit` is required',
    ],
    [
      { code: 'de', either: true },
      'either',
      '`either` has none of the allowed forms',
    ],
    [
      { code: 'de', filters: { limit: 101 } },
      'filters.limit',
      '`filters.limit` must be <= 100',
    ],
    [
      { code: 'de', filters: { limit: 1, x: 1 } },
      'filters.x',
      '`filters.x` is not a property of `filters`',
    ],
    [
      { code: 'de', list: [{ limit: 1 }, {}] },
      'list[1].limit',
      '`list[1].limit` is required',
    ],
    [{ code: 'de', mail: 'x' }, 'mail', '`mail` must match format "email"'],
    ['x', '', 'The value must be an object'],
  ])('%j: %s', (value, path, message) => {
    expect(issueOf(schema, value)).toEqual({ path, message });
  });

  it('leaves formats to the route where the schema is derived', () => {
    expect(issueOf(schema, { code: 'de', mail: 'x' }, false)).toBeUndefined();
  });

  it('does not take `constructor` or `__proto__` for present, nor let them in', () => {
    const strict = { ...schema, required: ['constructor'] };
    expect(issueOf(strict, {})?.message).toBe('`constructor` is required');
    expect(issueOf(strict, { constructor: 'x' })).toBeUndefined();
    const value: unknown = JSON.parse('{"code":"de","__proto__":{"x":1}}');
    expect(issueOf(schema, value)?.message).toBe(
      '`__proto__` is not an argument of this tool',
    );
  });

  it('survives nesting beyond the stack', () => {
    const tree = {
      type: 'array',
      items: { $ref: '#' },
    };
    let value: unknown[] = [];
    for (let depth = 0; depth < 100_000; depth++) {
      value = [value];
    }
    expect(issueOf(tree, value)?.message).toMatch(/too deeply/);
  });
});

describe('compilation', () => {
  const make = (given: JsonSchema, compileOnFirstUse: boolean) => () =>
    new SchemaValidator(given, 'inputSchema of C.run', {
      validateFormats: true,
      compileOnFirstUse,
    });

  it.each([true, false])(
    'stops the start-up for an invalid schema (compiled on first use: %s)',
    (lazy) => {
      expect(make({ type: 'nonsense' }, lazy)).toThrow(
        /^inputSchema of C\.run is not a valid JSON Schema: .*type/,
      );
      expect(make({ $ref: 'https://example.com/other.json' }, lazy)).toThrow(
        /example\.com\/other\.json/,
      );
      expect(make({ $ref: '#/$defs/None' }, lazy)).toThrow(/None/);
      expect(make({ $schema: 'https://example.com/dialect' }, lazy)).toThrow(
        /\$schema "https:\/\/example\.com\/dialect"/,
      );
    },
  );

  it('compiles on first use if asked to', () => {
    const validator = make(schema, true)();
    expect(validator.validate({})?.message).toBe('`code` is required');
    expect(validator.validate({ code: 'de' })).toBeUndefined();
  });

  it('understands draft-07 and 2019-09', () => {
    const tuple = {
      type: 'array',
      items: [{ type: 'string' }],
      additionalItems: false,
    };
    for (const $schema of [
      'http://json-schema.org/draft-07/schema#',
      'https://json-schema.org/draft/2019-09/schema',
    ]) {
      expect(issueOf({ $schema, ...tuple }, ['a'])).toBeUndefined();
      expect(issueOf({ $schema, ...tuple }, ['a', 'b'])).toBeDefined();
    }
  });

  it('keeps schemas with one $id apart', () => {
    const $id = 'https://example.com/s';
    expect(issueOf({ $id, type: 'string' }, 'x')).toBeUndefined();
    expect(issueOf({ $id, type: 'number' }, 'x')).toBeDefined();
  });
});
