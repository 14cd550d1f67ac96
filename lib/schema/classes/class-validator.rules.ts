import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { isSchema } from '../json-schema/schema-keywords.js';

type Rule = Record<string, unknown>;

const LOWER_BOUNDS = [
  'minLength',
  'minimum',
  'exclusiveMinimum',
  'minItems',
  'minProperties',
];
const UPPER_BOUNDS = [
  'maxLength',
  'maximum',
  'exclusiveMaximum',
  'maxItems',
  'maxProperties',
];
/** Keywords whose two values hold together only side by side. */
const SIDE_BY_SIDE = [
  'pattern',
  'multipleOf',
  'const',
  'contains',
  'anyOf',
  'oneOf',
];

/**
 * Adds a rule to those that already hold for a value, so that both hold,
 * whichever comes first: of two bounds the stricter, of two lists of values
 * what they have in common. Formats only inform; the first stays.
 */
export function addRule(rules: Rule, rule: JsonSchema): void {
  for (const [keyword, value] of Object.entries(rule)) {
    const known = rules[keyword];
    if (value === undefined) {
      continue;
    }
    if (known === undefined || same(known, value)) {
      rules[keyword] = value;
    } else if (LOWER_BOUNDS.includes(keyword)) {
      rules[keyword] = Math.max(Number(known), Number(value));
    } else if (UPPER_BOUNDS.includes(keyword)) {
      rules[keyword] = Math.min(Number(known), Number(value));
    } else if (keyword === 'type') {
      rules[keyword] = narrower(known, value);
    } else if (keyword === 'enum') {
      addEnum(rules, known, value);
    } else if (keyword === 'not') {
      rules[keyword] = neither(known, value);
    } else if (keyword === 'allOf') {
      rules[keyword] = [known, value].flat();
    } else if (keyword === 'items' && isSchema(known) && isSchema(value)) {
      const items = { ...known };
      addRule(items, value);
      rules[keyword] = items;
    } else if (SIDE_BY_SIDE.includes(keyword)) {
      addBeside(rules, { [keyword]: value });
    } else if (keyword !== 'format' && keyword !== 'x-hint') {
      rules[keyword] = value;
    }
  }
}

/** A whole number is a number; of types that exclude each other the last is kept. */
const narrower = (known: unknown, value: unknown): unknown =>
  known === 'integer' && value === 'number' ? known : value;

function addEnum(rules: Rule, known: unknown, value: unknown): void {
  const common = (known as unknown[]).filter((each) =>
    (value as unknown[]).includes(each),
  );
  if (common.length > 0) {
    rules['enum'] = common;
  } else {
    addBeside(rules, { enum: value });
  }
}

function addBeside(rules: Rule, rule: JsonSchema): void {
  const others = (rules['allOf'] ?? []) as unknown[];
  rules['allOf'] = [...others, rule];
}

/** What two `not`s exclude together. */
function neither(known: unknown, value: unknown): JsonSchema {
  const lists = [known, value].map(excludedValues);
  return lists.every((list) => list !== undefined)
    ? { enum: [...new Set(lists.flat())] }
    : { anyOf: [known, value] };
}

function excludedValues(schema: unknown): unknown[] | undefined {
  const { enum: list, ...others } = schema as JsonSchema;
  const { const: one, ...rest } = others;
  return Object.keys(rest).length > 0
    ? undefined
    : Array.isArray(list)
      ? list
      : 'const' in others
        ? [one]
        : undefined;
}

const same = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);
