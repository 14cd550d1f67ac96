import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { enumSchema } from './enum.schema.js';

/** One validation decorator on one property, as `class-validator` stores it. */
export interface ConverterMetadata {
  readonly type: string;
  readonly name?: string;
  readonly target: unknown;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each?: boolean;
}

/** Makes the schema of one decorator; undefined adds nothing. */
export type Converter =
  JsonSchema | ((metadata: ConverterMetadata) => JsonSchema | undefined);

const TEXT = { type: 'string' };
const DATE = { type: 'string', format: 'date-time' };

/**
 * Corrections to the converters of `class-validator-jsonschema`. Theirs refuse
 * values that the decorator accepts (`@IsDateString()` without milliseconds,
 * `@IsNumberString()` with a decimal point), or repeat a `type` that
 * contradicts another decorator of the property (`@IsNotEmpty() @IsInt()`).
 */
export const CONVERTERS: Readonly<Record<string, Converter>> = {
  isDefined: {},
  isEmpty: {},
  isNotEmpty: ({ target, propertyName, each }) =>
    !each && designType(target, propertyName) === String
      ? { minLength: 1 }
      : {},
  equals: ({ constraints }) => ({ const: constraints?.[0] }),
  notEquals: ({ constraints }) => ({ not: { const: constraints?.[0] } }),
  isIn: ({ constraints }) => listSchema(constraints?.[0]),
  isNotIn: ({ constraints }) => ({ not: { enum: values(constraints?.[0]) } }),
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
  isDateString: TEXT,
  isIso8601: TEXT,

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
  isIp: ({ constraints }) => {
    const version = Number(constraints?.[0]);
    return version === 4 || version === 6
      ? { ...TEXT, format: `ipv${version}` }
      : TEXT;
  },
  // Accepts `example.com`, which is no URI.
  isUrl: TEXT,
  isFqdn: TEXT,

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
