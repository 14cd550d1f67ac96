import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { addRule, FORMATS } from './class-validator.rules.js';
import { enumSchema } from './design-type.schema.js';
import type {
  Converter,
  ConverterMetadata,
} from './schema-packages.interface.js';

const TEXT = { type: 'string' };
const DATE = { type: 'string', format: 'date-time' };

/**
 * Corrections to the converters of `class-validator-jsonschema`. Theirs refuse
 * values that the decorator accepts (`@IsDateString()` without milliseconds,
 * `@IsNumberString()` with a decimal point), or repeat a `type` that
 * contradicts another decorator of the property (`@IsNotEmpty() @IsInt()`).
 */
const CONVERTERS: Readonly<Record<string, Converter>> = {
  ...FORMATS,
  isString: TEXT,
  isBoolean: { type: 'boolean' },
  isNumber: { type: 'number' },
  isInt: { type: 'integer' },
  isObject: { type: 'object' },
  isNotEmptyObject: { type: 'object', minProperties: 1 },
  isLength: ({ constraints }) => ({
    ...TEXT,
    minLength: constraints?.[0],
    maxLength: constraints?.[1],
  }),
  minLength: ({ constraints }) => ({ ...TEXT, minLength: constraints?.[0] }),
  maxLength: ({ constraints }) => ({ ...TEXT, maxLength: constraints?.[0] }),

  isDefined: {},
  isEmpty: {},
  isNotEmpty: ({ target, propertyName, each }) =>
    !each && designType(target, propertyName) === String
      ? { minLength: 1 }
      : {},
  equals: ({ constraints }) => ({ const: constraints?.[0] }),
  notEquals: ({ constraints }) =>
    isNothing(constraints?.[0]) ? {} : { not: { const: constraints?.[0] } },
  isIn: ({ constraints }) => listSchema(constraints?.[0]),
  isNotIn: ({ constraints }) => {
    const excluded = values(constraints?.[0]).filter(
      (each) => !isNothing(each),
    );
    return excluded.length === 0 ? {} : { not: { enum: excluded } };
  },
  isEnum: ({ constraints }) => {
    const members: unknown = constraints?.[0];
    return typeof members === 'object' && members ? enumSchema(members) : {};
  },

  // Limits say nothing of whole or broken numbers: @IsInt() must keep its word.
  min: ({ constraints }) => ({ minimum: constraints?.[0] }),
  max: ({ constraints }) => ({ maximum: constraints?.[0] }),
  isPositive: { exclusiveMinimum: 0 },
  isNegative: { exclusiveMaximum: 0 },
  isDivisibleBy: ({ constraints }) => ({ multipleOf: constraints?.[0] }),

  isDate: DATE,
  minDate: DATE,
  maxDate: DATE,

  matches: ({ constraints }) => {
    const [pattern] = constraints ?? [];
    // JSON Schema has no flags: with them the pattern would refuse too much.
    return pattern instanceof RegExp &&
      pattern.flags.replace(/[gu]/g, '') === ''
      ? { ...TEXT, pattern: pattern.source }
      : TEXT;
  },
  contains: ({ constraints }) => ({
    ...TEXT,
    pattern: escapePattern(constraints?.[0]),
  }),
  notContains: ({ constraints }) => ({
    ...TEXT,
    not: { pattern: escapePattern(constraints?.[0]) },
  }),
  isAlpha: (metadata) => localised(metadata, '^[a-zA-Z]+$'),
  isAlphanumeric: (metadata) => localised(metadata, '^[0-9a-zA-Z]+$'),
  isNumberString: (metadata) =>
    metadata.constraints?.[0] === undefined
      ? { ...TEXT, pattern: '^[+-]?([0-9]*[.])?[0-9]+$' }
      : TEXT,
  isBooleanString: { ...TEXT, enum: ['true', 'false', '1', '0'] },
  isHexadecimal: { ...TEXT, pattern: '^(0x|0X|0h|0H)?[0-9a-fA-F]+$' },
  isHexColor: {
    ...TEXT,
    pattern:
      '^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$',
  },

  arrayContains: ({ constraints }) => ({
    type: 'array',
    allOf: primitives(constraints?.[0]).map((value) => ({
      contains: { const: value },
    })),
  }),
  arrayNotContains: ({ constraints }) => ({
    type: 'array',
    not: { contains: { enum: primitives(constraints?.[0]) } },
  }),
  arrayUnique: ({ constraints }) => ({
    type: 'array',
    // With an identifier function, equal elements may still be told apart.
    ...(typeof constraints?.[0] !== 'function' && { uniqueItems: true }),
  }),
  isArray: { type: 'array' },
  arrayNotEmpty: { type: 'array', minItems: 1 },
  arrayMinSize: ({ constraints }) => ({
    type: 'array',
    minItems: constraints?.[0],
  }),
  arrayMaxSize: ({ constraints }) => ({
    type: 'array',
    maxItems: constraints?.[0],
  }),

  // Decorators unknown to the package: their design type is read elsewhere.
  customValidation: {},
};

/** What the package hands to a converter beside the decorator: the options it was called with. */
interface ConverterOptions {
  /** The rules of each property so far, by key, those for its elements apart. */
  readonly rules: Map<string, Record<string, unknown>>;
}

/**
 * The converters for the package. It would let a later decorator of a property
 * replace what an earlier one said; here both hold. The first decorator answers
 * with an object that grows, the others with nothing.
 */
export const COLLECTING_CONVERTERS = Object.fromEntries(
  Object.entries(CONVERTERS).map(([name, converter]) => [
    name,
    (metadata: ConverterMetadata, { rules }: ConverterOptions): JsonSchema => {
      const rule =
        typeof converter === 'function' ? converter(metadata) : converter;
      const key = `${metadata.each ? 'each' : 'all'} ${metadata.propertyName}`;
      const known = rules.get(key);
      const all = known ?? {};
      rules.set(key, all);
      addRule(all, rule ?? {});
      return known ? {} : all;
    },
  ]),
);

/** Null is no value that a caller need be told to leave out. */
const isNothing = (value: unknown): boolean =>
  value === null || value === undefined;

const designType = (target: unknown, property: string): unknown =>
  typeof target === 'function'
    ? Reflect.getMetadata('design:type', target.prototype as object, property)
    : undefined;

const values = (list: unknown): unknown[] =>
  Array.isArray(list)
    ? list
    : typeof list === 'object' && list !== null
      ? Object.values(list)
      : [];

const primitives = (list: unknown): unknown[] =>
  values(list).filter((value) => value === null || typeof value !== 'object');

function listSchema(list: unknown): JsonSchema {
  const members = values(list);
  const types = new Set(members.map((value) => typeof value));
  const [type] = types;
  return types.size === 1 && (type === 'string' || type === 'boolean')
    ? { type, enum: members }
    : { enum: members };
}

const localised = (
  { constraints }: ConverterMetadata,
  pattern: string,
): JsonSchema => {
  const locale = constraints?.[0];
  return locale === undefined ||
    (typeof locale === 'string' && locale.startsWith('en-'))
    ? { ...TEXT, pattern }
    : TEXT;
};

const escapePattern = (text: unknown): string =>
  String(text).replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
