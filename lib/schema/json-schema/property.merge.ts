import type { JsonSchema } from './schema-keywords.js';
import {
  ANNOTATIONS,
  isBound,
  isSchema,
  only,
  stricterBound,
  typesOf,
  without,
} from './schema-keywords.js';
import { dereference, referenceOf } from './schema-reference.js';

/**
 * One schema out of what two sources say of a value. The first wins on every
 * conflict but that of two bounds, of which the stricter holds; where the types
 * contradict each other, all of the first wins. Null is allowed if either allows it.
 */
export function mergeSchemas(
  first: JsonSchema,
  second: JsonSchema,
): JsonSchema {
  const nullable =
    first['nullable'] === true || second['nullable'] === true
      ? { nullable: true }
      : undefined;
  if (!Object.keys(first).some(refuses)) {
    return { ...second, ...first, ...nullable };
  }
  if (!compatible(first, second)) {
    return { ...first, ...nullable };
  }
  return { ...mergeCompatible(first, second), ...nullable };
}

function mergeCompatible(first: JsonSchema, second: JsonSchema): JsonSchema {
  if (isStructured(first) || isStructured(second)) {
    if (referenceOf(first) && referenceOf(first) === referenceOf(second)) {
      return { ...second, ...first };
    }
    if (Object.keys(first).every((key) => key === 'type' || !refuses(key))) {
      return { ...second, ...without(first, ['type']) };
    }
    const [one, other] = [expand(first, second), expand(second, first)];
    return isStructured(one) || isStructured(other)
      ? { ...only(second, ANNOTATIONS), ...first }
      : mergeCompatible(one, other);
  }
  const merged: Record<string, unknown> = { ...second, ...first };
  for (const [keyword, bound] of Object.entries(first)) {
    const other = second[keyword];
    if (
      isBound(keyword) &&
      typeof bound === 'number' &&
      typeof other === 'number'
    ) {
      merged[keyword] = stricterBound(keyword, bound, other);
    }
  }
  if (first['type'] === 'number' && second['type'] === 'integer') {
    merged['type'] = 'integer';
  }
  if (isSchema(first['items']) && isSchema(second['items'])) {
    merged['items'] = mergeSchemas(first['items'], second['items']);
  }
  if (isSchema(first['properties']) && isSchema(second['properties'])) {
    Object.assign(merged, mergeProperties(first, second));
  }
  return merged;
}

/** Properties of both; whether one is required is for the first source that knows it to say. */
function mergeProperties(first: JsonSchema, second: JsonSchema): JsonSchema {
  const own = first['properties'] as Record<string, JsonSchema>;
  const others = second['properties'] as Record<string, JsonSchema>;
  const names = new Set([...Object.keys(own), ...Object.keys(others)]);
  const requires = (schema: JsonSchema, name: string): boolean =>
    Array.isArray(schema['required']) && schema['required'].includes(name);
  const properties = [...names].map((name) => {
    const mine = Object.hasOwn(own, name) ? own[name] : undefined;
    const theirs = Object.hasOwn(others, name) ? others[name] : undefined;
    return [
      name,
      isSchema(mine) && isSchema(theirs)
        ? mergeSchemas(mine, theirs)
        : (mine ?? theirs),
    ] as const;
  });
  return {
    properties: Object.fromEntries(properties),
    required: [...names].filter((name) =>
      requires(Object.hasOwn(own, name) ? first : second, name),
    ),
  };
}

/** A reference written out, when the other side lists properties to merge with its own. */
function expand(schema: JsonSchema, other: JsonSchema): JsonSchema {
  return referenceOf(schema) && isSchema(other['properties'])
    ? dereference(schema)
    : schema;
}

/** Whether a schema refuses values by a keyword. */
const refuses = (keyword: string): boolean =>
  !ANNOTATIONS.includes(keyword) &&
  keyword !== 'nullable' &&
  keyword !== 'x-hint';

const isStructured = (schema: JsonSchema): boolean =>
  ['$ref', 'allOf', 'anyOf', 'oneOf'].some((keyword) => keyword in schema);

function compatible(first: JsonSchema, second: JsonSchema): boolean {
  const types = allowedTypes(first);
  const others = allowedTypes(second);
  return (
    !types || !others || types.some((type) => others.some((o) => o === type))
  );
}

function allowedTypes(schema: JsonSchema): string[] | undefined {
  // A class that is just being made knows its type, and not yet more.
  const type = referenceOf(schema)?.type;
  const known =
    typesOf(schema) ??
    (type === undefined ? typesOf(dereference(schema)) : [type]);
  return known
    ?.filter((each) => each !== 'null')
    .map((each) => (each === 'integer' ? 'number' : each));
}
