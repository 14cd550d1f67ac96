import {
  ANNOTATIONS,
  isSchema,
  type JsonSchema,
  only,
  typesOf,
  without,
} from './schema-keywords.js';

/** Keywords that some vendor refuses or none reads; calls are held to them all the same. */
const UNREAD: readonly string[] = [
  '$schema',
  '$comment',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'contentSchema',
  'contentMediaType',
  'readOnly',
  'writeOnly',
];

/** Gemini refuses a list of tools for any other format of a text. */
const FORMATS_READ: readonly unknown[] = ['date-time'];

/** Parts of a pattern that OpenAI's and Gemini's engines do not have: looking around, and back at a group. */
const FOREIGN_PATTERN = /\(\?(?:[=!]|<[=!])|\\[1-9]|\\k</;

/**
 * Writes one schema, whose subschemas are done, in the words that Anthropic,
 * OpenAI and Gemini all read. It takes whatever the schema took, and at times
 * more; what it cannot say any longer goes into the description.
 */
export function portableKeywords(schema: JsonSchema): JsonSchema {
  return referenceApart(
    nullApart(
      enumOfOneType(
        constAsEnum(
          inclusiveBounds(tupleAsList(mapAsObject(worded(oneAsAny(schema))))),
        ),
      ),
    ),
  );
}

function oneAsAny(schema: JsonSchema): JsonSchema {
  const { oneOf, ...rest } = without(schema, UNREAD);
  return oneOf === undefined || 'anyOf' in rest
    ? rest
    : { ...rest, anyOf: oneOf };
}

/** Formats, patterns and encodings that would be refused join the description. */
function worded(schema: JsonSchema): JsonSchema {
  const { format, pattern, contentEncoding } = schema;
  const said: string[] = [];
  const gone: string[] = ['contentEncoding'];
  if (format !== undefined && !FORMATS_READ.includes(format)) {
    gone.push('format');
    if (
      typeof format === 'string' &&
      typesOf(schema)?.includes('string') !== false
    ) {
      said.push(`format: ${format}`);
    }
  }
  if (typeof pattern === 'string' && FOREIGN_PATTERN.test(pattern)) {
    gone.push('pattern');
    said.push(`pattern: ${pattern}`);
  }
  if (typeof contentEncoding === 'string') {
    said.push(`encoding: ${contentEncoding}`);
  }
  return said.length > 0
    ? describedAs(without(schema, gone), said.join('; '))
    : gone.some((keyword) => keyword in schema)
      ? without(schema, gone)
      : schema;
}

/** A schema whose description says one thing more, unless it says so already. */
function describedAs(schema: JsonSchema, words: string): JsonSchema {
  const { description } = schema;
  if (typeof description !== 'string' || description === '') {
    return {
      ...schema,
      description: words.charAt(0).toUpperCase() + words.slice(1),
    };
  }
  return description.toLowerCase().includes(words.toLowerCase())
    ? schema
    : { ...schema, description: `${description} (${words})` };
}

/** An object whose keys follow patterns becomes one with any keys. */
function mapAsObject(schema: JsonSchema): JsonSchema {
  const { patternProperties, additionalProperties, ...rest } = schema;
  if (!isSchema(patternProperties)) {
    return schema;
  }
  const values = Object.values(patternProperties);
  return {
    ...rest,
    ...(values.length === 1 &&
    (additionalProperties === false || additionalProperties === undefined)
      ? { additionalProperties: values[0] }
      : additionalProperties !== false && { additionalProperties }),
  };
}

/** A list with a schema for each place becomes a list of any of them. */
function tupleAsList(schema: JsonSchema): JsonSchema {
  const { prefixItems, items, ...rest } = schema;
  if (!Array.isArray(prefixItems)) {
    return typeof items === 'boolean' ? { ...rest, items: {} } : schema;
  }
  const places = distinct([
    ...(prefixItems as unknown[]),
    ...(isSchema(items) ? [items] : []),
  ]);
  const most = rest['maxItems'];
  return {
    ...rest,
    items: places.length === 1 ? places[0] : { anyOf: places },
    ...(items === false &&
      typeof most !== 'number' && { maxItems: prefixItems.length }),
  };
}

/** Bounds that leave the bound itself out become such as include it. */
function inclusiveBounds(schema: JsonSchema): JsonSchema {
  const { exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  if (exclusiveMinimum === undefined && exclusiveMaximum === undefined) {
    return schema;
  }
  const isInteger = schema['type'] === 'integer';
  return {
    ...rest,
    ...(typeof exclusiveMinimum === 'number' &&
      rest['minimum'] === undefined && {
        minimum: isInteger
          ? Math.floor(exclusiveMinimum) + 1
          : exclusiveMinimum,
      }),
    ...(typeof exclusiveMaximum === 'number' &&
      rest['maximum'] === undefined && {
        maximum: isInteger ? Math.ceil(exclusiveMaximum) - 1 : exclusiveMaximum,
      }),
  };
}

function constAsEnum(schema: JsonSchema): JsonSchema {
  const { const: only, ...rest } = schema;
  return only === undefined ? schema : { ...rest, enum: [only] };
}

/** Members of an enumeration have one type, which is named; others become alternatives. */
function enumOfOneType(schema: JsonSchema): JsonSchema {
  const { enum: members, type: _, ...rest } = schema;
  if (!Array.isArray(members)) {
    return schema;
  }
  const byType = new Map<string, unknown[]>();
  for (const member of members as unknown[]) {
    const type = enumTypeOf(member, schema);
    byType.set(type, [...(byType.get(type) ?? []), member]);
  }
  const alternatives = [...byType].map(([type, each]) => enumOf(type, each));
  const [alternative] = alternatives;
  if (alternatives.length === 1 && alternative) {
    const { description, ...keywords } = alternative;
    return typeof description === 'string'
      ? describedAs({ ...keywords, ...rest }, description)
      : { ...keywords, ...rest };
  }
  return { ...only(rest, ANNOTATIONS), anyOf: alternatives };
}

function enumTypeOf(member: unknown, schema: JsonSchema): string {
  if (typeof member === 'number') {
    return typesOf(schema)?.includes('integer') ? 'integer' : 'number';
  }
  return member === null
    ? 'null'
    : Array.isArray(member)
      ? 'array'
      : typeof member;
}

/** Gemini knows enumerations of texts and numbers alone. */
function enumOf(type: string, members: readonly unknown[]): JsonSchema {
  if (type === 'string' || type === 'number' || type === 'integer') {
    return { type, enum: members };
  }
  return type === 'null' || (type === 'boolean' && members.length === 2)
    ? { type }
    : {
        type,
        ...(type === 'array' && { items: {} }),
        description: `one of: ${members.map((each) => JSON.stringify(each)).join(', ')}`,
      };
}

/** `['string', 'null']` as two alternatives. */
function nullApart(schema: JsonSchema): JsonSchema {
  const types = typesOf(schema);
  if (!types || !Array.isArray(schema['type'])) {
    return schema;
  }
  const outer = only(schema, ANNOTATIONS);
  const inner = without(schema, [...ANNOTATIONS, 'type']);
  if ('anyOf' in inner) {
    // The alternatives name types of their own.
    return without(schema, ['type']);
  }
  return types.length === 1
    ? { ...schema, type: types[0] }
    : {
        ...outer,
        anyOf: types.map((type) =>
          type === 'null' ? { type } : { type, ...inner },
        ),
      };
}

/** Nothing may stand beside a `$ref`. */
function referenceApart(schema: JsonSchema): JsonSchema {
  const { $ref, ...rest } = schema;
  if ($ref === undefined || Object.keys(rest).length === 0) {
    return schema;
  }
  const outer = only(rest, ANNOTATIONS);
  return Object.keys(outer).length === 0
    ? { $ref }
    : { ...outer, anyOf: [{ $ref }] };
}

/** Schemas without those that are equal to one before. */
export function distinct(schemas: readonly unknown[]): unknown[] {
  return [
    ...new Map(schemas.map((each) => [JSON.stringify(each), each])).values(),
  ];
}
