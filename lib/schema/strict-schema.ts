import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from './json-schema.interface.js';
import {
  ANNOTATIONS,
  isSchema,
  KEYWORDS,
  only,
  SCHEMA_LISTS,
  TYPE_KEYWORDS,
  typesOf,
  without,
} from './schema-keywords.js';

/**
 * Makes one schema, whose subschemas are done, pass Ajv's strict mode, as far
 * as that can be done without refusing what it allowed. Writes `nullable` out.
 */
export function strictSchema(schema: JsonSchema): JsonSchema {
  return nullable(alternatives(typed(knownKeywords(schema))));
}

function knownKeywords(schema: JsonSchema): JsonSchema {
  const known = only(schema, [...KEYWORDS, 'nullable']);
  const { format, pattern, required, ...rest } = known;
  const empty = ['enum', ...SCHEMA_LISTS].filter(
    (keyword) => Array.isArray(rest[keyword]) && rest[keyword].length === 0,
  );
  return {
    ...without(rest, empty),
    ...(typeof format === 'string' && format in fullFormats && { format }),
    ...(isPattern(pattern) && { pattern }),
    ...(Array.isArray(required) &&
      required.length > 0 && { required: [...new Set(required)] }),
  };
}

/** Patterns are matched in Unicode mode, where some that JavaScript knows are errors. */
function isPattern(pattern: unknown): boolean {
  try {
    return typeof pattern === 'string' && !!new RegExp(pattern, 'u');
  } catch {
    return false;
  }
}

/** Strict mode wants a type beside each keyword that depends on one, and no keyword of another type. */
function typed(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema);
  const needed = Object.keys(TYPE_KEYWORDS).filter((type) =>
    TYPE_KEYWORDS[type]?.some((keyword) => keyword in schema),
  );
  if (!types) {
    const [type, ...others] = needed;
    return type !== undefined && others.length === 0
      ? { type, ...schema }
      : without(schema, needed.flatMap(keywordsOf));
  }
  const numeric = types.includes('integer') || types.includes('number');
  const foreign = needed.filter((type) =>
    type === 'number' ? !numeric : !types.includes(type),
  );
  return contextual(without(schema, foreign.flatMap(keywordsOf)), types);
}

/** Subschemas on the same value may not name a type that their parent excludes. */
function contextual(schema: JsonSchema, types: readonly string[]): JsonSchema {
  const fits = (subschema: unknown): boolean =>
    !isSchema(subschema) ||
    (typesOf(subschema) ?? []).every(
      (type) =>
        types.includes(type) ||
        (type === 'integer' && types.includes('number')),
    );
  const lists = ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) =>
    Array.isArray(schema[keyword]) ? (schema[keyword] as unknown[]) : [],
  );
  const consistent = lists.every(fits) ? schema : without(schema, ['type']);
  return fits(consistent['not']) ? consistent : without(consistent, ['not']);
}

/** Several types other than null become alternatives, each with its own keywords. */
function alternatives(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema) ?? [];
  const others = types.filter((type) => type !== 'null');
  if (others.length < 2) {
    return Array.isArray(schema['type']) && types.length === 1
      ? { ...schema, type: types[0] }
      : schema;
  }
  const dependent = Object.keys(TYPE_KEYWORDS).flatMap(keywordsOf);
  return {
    ...without(schema, ['type', 'anyOf', ...dependent]),
    anyOf: types.map((type) => ({
      type,
      ...only(schema, [
        ...keywordsOf(type === 'integer' ? 'number' : type),
        'anyOf',
      ]),
    })),
  };
}

function nullable({ nullable: isNullable, ...schema }: JsonSchema): JsonSchema {
  if (isNullable !== true) {
    return schema;
  }
  const types = typesOf(schema);
  const structure = ['$ref', 'anyOf', 'oneOf', 'allOf', 'not', 'const'];
  if (structure.some((keyword) => keyword in schema)) {
    const outer = only(schema, ANNOTATIONS);
    return {
      ...outer,
      anyOf: [without(schema, ANNOTATIONS), { type: 'null' }],
    };
  }
  const members = schema['enum'];
  return {
    ...schema,
    ...(types && { type: [...new Set([...types, 'null'])] }),
    ...(Array.isArray(members) &&
      !members.includes(null) && { enum: [...(members as unknown[]), null] }),
  };
}

const keywordsOf = (type: string): readonly string[] =>
  TYPE_KEYWORDS[type] ?? [];
