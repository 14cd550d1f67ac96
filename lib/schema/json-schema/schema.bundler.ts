import type { JsonSchema } from './schema-keywords.js';
import {
  INITIALISED,
  isSchema,
  mapSubschemas,
  typesOf,
  without,
} from './schema-keywords.js';
import { SchemaReference } from './schema-reference.js';
import { toAjvStrict } from './strict-schema.js';

/**
 * Finishes a schema: each definition that it points to goes to `$defs` once,
 * under its own name or, if another has that, `Cat_2`.
 *
 * @param io for input, properties that are `readOnly` or have an initial value
 * are not required; for output, those that are `writeOnly` are not
 */
export function bundleSchema(
  schema: JsonSchema,
  io: 'input' | 'output',
): JsonSchema {
  const names = new Map<SchemaReference, string>();
  const pending: SchemaReference[] = [];
  const nameOf = (reference: SchemaReference): string => {
    let name = names.get(reference);
    if (name === undefined) {
      name = freeName(reference.name, new Set(names.values()));
      names.set(reference, name);
      pending.push(reference);
    }
    return name;
  };
  const finish = (node: JsonSchema): JsonSchema => {
    const finished = toAjvStrict(
      withoutHidden(withHint(mapSubschemas(node, finish)), io),
    );
    return typeFirst(withItems(linked(finished, nameOf)));
  };
  const root = finish(schema);
  const definitions: [string, JsonSchema][] = [];
  for (const reference of pending) {
    // Grows while it is walked: a definition may point to others.
    definitions.push([nameOf(reference), finish(reference.schema)]);
  }
  return definitions.length > 0
    ? { ...root, $defs: Object.fromEntries(definitions) }
    : root;
}

/** Words of a source for which JSON Schema has no keyword join the description. */
function withHint(schema: JsonSchema): JsonSchema {
  if (!('x-hint' in schema)) {
    return schema;
  }
  const { 'x-hint': hint, description, ...rest } = schema;
  return {
    ...rest,
    description:
      typeof description === 'string' && description !== ''
        ? `${description} (${String(hint)})`
        : String(hint).replace(/^[a-z](?=[a-z ])/, (letter) =>
            letter.toUpperCase(),
          ),
  };
}

/** Some clients refuse a list that does not speak of its elements. */
const withItems = (schema: JsonSchema): JsonSchema =>
  typesOf(schema)?.includes('array') && !('items' in schema)
    ? { ...schema, items: {} }
    : schema;

/** For people who read the list of tools. */
const typeFirst = (schema: JsonSchema): JsonSchema =>
  'type' in schema && Object.keys(schema)[0] !== 'type'
    ? { type: schema['type'], ...schema }
    : schema;

function linked(
  schema: JsonSchema,
  nameOf: (reference: SchemaReference) => string,
): JsonSchema {
  const link = (node: JsonSchema): JsonSchema =>
    node['$ref'] instanceof SchemaReference
      ? { ...node, $ref: `#/$defs/${nameOf(node['$ref'])}` }
      : node;
  const anyOf = schema['anyOf'];
  // A nullable reference has just become one of two alternatives.
  return link(
    Array.isArray(anyOf)
      ? {
          ...schema,
          anyOf: anyOf.map((each: unknown) =>
            isSchema(each) ? link(each) : each,
          ),
        }
      : schema,
  );
}

function withoutHidden(schema: JsonSchema, io: 'input' | 'output'): JsonSchema {
  const { required, properties, [INITIALISED]: initialised, ...rest } = schema;
  if (!Array.isArray(required) || !isSchema(properties)) {
    return initialised === undefined ? schema : without(schema, [INITIALISED]);
  }
  const given = io === 'input' ? ((initialised ?? []) as string[]) : [];
  const hidden = io === 'input' ? 'readOnly' : 'writeOnly';
  const needed = required.filter((name: unknown) => {
    const property: unknown = Object.hasOwn(properties, String(name))
      ? properties[String(name)]
      : undefined;
    return (
      !given.includes(String(name)) &&
      (!isSchema(property) || property[hidden] !== true)
    );
  });
  return needed.length === required.length && initialised === undefined
    ? schema
    : { ...rest, properties, required: needed };
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const base = wanted.replace(/[^\w.-]+/g, '_') || 'Schema';
  let name = base;
  for (let count = 2; taken.has(name); count++) {
    name = `${base}_${count}`;
  }
  return name;
}
