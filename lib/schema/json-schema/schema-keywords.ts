/** A JSON Schema of dialect 2020-12, as an object. Boolean schemas occur only inside one. @publicApi */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** A JSON Schema whose root is an object, as MCP demands of an input schema. */
export interface ObjectSchema extends JsonSchema {
  readonly type: 'object';
}

/** The schema of a method that takes nothing. */
export const NO_ARGUMENTS: ObjectSchema = {
  type: 'object',
  additionalProperties: false,
};

/** Keywords that say something of values of one type only (JSON Schema 2020-12, Validation, section 6). */
export const TYPE_KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: [
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'multipleOf',
  ],
  array: [
    'items',
    'prefixItems',
    'contains',
    'minContains',
    'maxContains',
    'minItems',
    'maxItems',
    'uniqueItems',
    'unevaluatedItems',
  ],
  object: [
    'properties',
    'patternProperties',
    'additionalProperties',
    'unevaluatedProperties',
    'propertyNames',
    'required',
    'dependentRequired',
    'dependentSchemas',
    'minProperties',
    'maxProperties',
  ],
};

/** Keywords that inform and never refuse (Validation, section 9, and Core, section 8.3; MCP, Tools, "x-mcp-header"). */
export const ANNOTATIONS: readonly string[] = [
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  '$comment',
  'x-mcp-header',
];

/**
 * Of a class's schema: the properties that a fresh instance has a value for.
 * A caller may leave them out; whoever reads an instance will find them. The
 * keyword stays inside, like OpenAPI's `nullable`, until the schema is finished.
 */
export const INITIALISED = 'x-initialised';

/** Keywords that hold one schema. */
const ONE_SCHEMA = [
  'items',
  'contains',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];
/** Keywords that hold a list of schemas. */
export const SCHEMA_LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];
/** Keywords that hold schemas by name. */
const SCHEMA_MAPS = [
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
];

/** How the keywords that hold schemas hold them. */
const SUBSCHEMAS: ReadonlyMap<string, 'one' | 'list' | 'map'> = new Map([
  ...ONE_SCHEMA.map((keyword) => [keyword, 'one'] as const),
  ...SCHEMA_LISTS.map((keyword) => [keyword, 'list'] as const),
  ...SCHEMA_MAPS.map((keyword) => [keyword, 'map'] as const),
]);

/** Every keyword of the dialect that an emitted schema may use. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  '$ref',
  '$schema',
  'type',
  'enum',
  'const',
  'contentEncoding',
  'contentMediaType',
  ...Object.values(TYPE_KEYWORDS).flat(),
  ...ANNOTATIONS,
  ...ONE_SCHEMA,
  ...SCHEMA_LISTS,
  ...SCHEMA_MAPS,
]);

export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const SHAPE = ['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', '$ref'];

/** Whether a schema tells what values it takes; one that does not takes any. */
export const hasShape = (schema: JsonSchema): boolean =>
  SHAPE.some((keyword) => keyword in schema);

/** The types a schema names; undefined where it names none and so allows any. */
export function typesOf(schema: JsonSchema): readonly string[] | undefined {
  const type = schema['type'];
  if (typeof type === 'string') {
    return [type];
  }
  return Array.isArray(type) ? type.map(String) : undefined;
}

/**
 * The schema with its direct subschemas replaced: a copy where one of them
 * changes, else itself. Property names are never taken for keywords.
 */
export function mapSubschemas(
  schema: JsonSchema,
  change: (subschema: JsonSchema, keyword: string) => unknown,
): JsonSchema {
  let copy: Record<string, unknown> | undefined;
  for (const keyword of Object.keys(schema)) {
    const form = SUBSCHEMAS.get(keyword);
    if (form === undefined) {
      continue;
    }
    const value = schema[keyword];
    const apply = (each: unknown): unknown =>
      isSchema(each) ? change(each, keyword) : each;
    const changed =
      form === 'one'
        ? apply(value)
        : form === 'list'
          ? mapList(value, apply)
          : mapByName(value, apply);
    if (changed !== value) {
      copy ??= { ...schema };
      copy[keyword] = changed;
    }
  }
  return copy ?? schema;
}

function mapList(value: unknown, change: (each: unknown) => unknown): unknown {
  if (!Array.isArray(value)) {
    return value;
  }
  const changed: unknown[] = value.map(change);
  return changed.every((each, index) => each === value[index])
    ? value
    : changed;
}

function mapByName(
  value: unknown,
  change: (each: unknown) => unknown,
): unknown {
  if (!isSchema(value)) {
    return value;
  }
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const changed = change(value[name]);
    if (changed !== value[name]) {
      // The copy has every name as its own already, so `__proto__` stays one.
      copy ??= { ...value };
      copy[name] = changed;
    }
  }
  return copy ?? value;
}

/** A copy without the given keywords. */
export const without = (
  schema: JsonSchema,
  keywords: readonly string[],
): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => !keywords.includes(keyword)),
  );

/** A copy with the given keywords alone. */
export const only = (
  schema: JsonSchema,
  keywords: readonly string[],
): JsonSchema =>
  Object.fromEntries(
    Object.entries(schema).filter(([keyword]) => keywords.includes(keyword)),
  );

/** Keywords that apply to values of one type alone. */
export const keywordsOf = (type: string): readonly string[] =>
  TYPE_KEYWORDS[type] ?? [];

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

/** Whether a keyword limits a size or an amount. */
export const isBound = (keyword: string): boolean =>
  LOWER_BOUNDS.includes(keyword) || UPPER_BOUNDS.includes(keyword);

/** Of two values of such a keyword the one that allows less. */
export const stricterBound = (
  keyword: string,
  one: number,
  other: number,
): number =>
  LOWER_BOUNDS.includes(keyword) ? Math.max(one, other) : Math.min(one, other);
