import { distinct, portableKeywords } from './portable-keywords.js';
import { bundleSchema } from './schema.bundler.js';
import {
  isSchema,
  type JsonSchema,
  mapSubschemas,
  type ObjectSchema,
} from './schema-keywords.js';
import {
  definitionNameOf,
  linkLocalReferences,
  resolvePointer,
} from './schema-reference.js';

/**
 * The input schema of a tool as every client and model vendor takes it:
 * definitions at the root, null by `anyOf`, enumerations with a type, and no
 * keyword for which some of them refuse the tool, or the whole list. It allows
 * whatever the schema allows, which calls are held to.
 */
export function portableSchema(schema: ObjectSchema): ObjectSchema {
  const whole = hasForeignReference(schema)
    ? bundleSchema(linkLocalReferences(schema, 'Arguments'), 'input')
    : schema;
  const write = (part: JsonSchema): JsonSchema =>
    portableKeywords(mapSubschemas(merged(part, whole), write));
  const { anyOf: _, ...root } = write(flatRoot(merged(whole, whole), whole));
  return withoutUnused({ ...root, type: 'object' });
}

/** Whether something points elsewhere than to a definition at the root. */
function hasForeignReference(schema: JsonSchema): boolean {
  let found = false;
  const look = (part: JsonSchema, depth: number): JsonSchema => {
    const { $ref } = part;
    found ||=
      ($ref !== undefined && definitionNameOf($ref) === undefined) ||
      (depth > 0 && '$defs' in part) ||
      'definitions' in part;
    return mapSubschemas(part, (each) => look(each, depth + 1));
  };
  look(schema, 0);
  return found;
}

/** The target of a chain of `$ref`s; a chain that ends nowhere, or in itself, allows anything. */
function target(
  schema: JsonSchema,
  whole: JsonSchema,
  seen: readonly unknown[] = [],
): JsonSchema {
  const { $ref, ...rest } = schema;
  if (typeof $ref !== 'string') {
    return schema;
  }
  const found = seen.includes($ref) ? undefined : resolvePointer(whole, $ref);
  return found ? { ...target(found, whole, [...seen, $ref]), ...rest } : rest;
}

/** One schema in place of an `allOf`: with the properties of each, and what the first of them says of anything else. */
function merged(
  schema: JsonSchema,
  whole: JsonSchema,
  seen: readonly unknown[] = [],
): JsonSchema {
  const { allOf, ...own } = schema;
  if (!Array.isArray(allOf)) {
    return schema;
  }
  const [single] = allOf as unknown[];
  if (
    allOf.length === 1 &&
    isSchema(single) &&
    '$ref' in single &&
    !['$ref', 'type', 'properties', 'anyOf'].some((keyword) => keyword in own)
  ) {
    return { ...single, ...own };
  }
  return [own, ...(allOf as unknown[])]
    .filter(isSchema)
    .filter(({ $ref }) => $ref === undefined || !seen.includes($ref))
    .map((part) =>
      merged(target(part, whole), whole, [...seen, part['$ref'] ?? part]),
    )
    .reduce(bothOf);
}

function bothOf(one: JsonSchema, other: JsonSchema): JsonSchema {
  const properties = {
    ...asMap(other['properties']),
    ...asMap(one['properties']),
  };
  const required = [...asList(one['required']), ...asList(other['required'])];
  // Each of two closed objects knows its own properties alone.
  const { additionalProperties: _, ...open } = other;
  return {
    ...('properties' in one ? open : other),
    ...one,
    ...(Object.keys(properties).length > 0 && { properties }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
}

/**
 * Alternatives at the root become one object with the properties of all of
 * them, of which those are required that each requires: OpenAI and Anthropic
 * take no `anyOf` there.
 */
function flatRoot(schema: JsonSchema, whole: JsonSchema): JsonSchema {
  const { anyOf, oneOf, ...own } = schema;
  const given = anyOf ?? oneOf;
  if (!Array.isArray(given)) {
    return schema;
  }
  const alternatives = (given as unknown[])
    .filter(isSchema)
    .map((each) => merged(target(each, whole), whole));
  const schemasOf = new Map<string, unknown[]>();
  for (const { properties } of alternatives) {
    for (const [name, each] of Object.entries(asMap(properties))) {
      schemasOf.set(name, [...(schemasOf.get(name) ?? []), each]);
    }
  }
  const offered = [...schemasOf].map(([name, schemas]) => {
    const different = distinct(schemas);
    return [
      name,
      different.length === 1 ? different[0] : { anyOf: different },
    ] as const;
  });
  const required = alternatives
    .map((each) => asList(each['required']))
    .reduce((all, each) => all.filter((name) => each.includes(name)));
  const needed = [...new Set([...asList(own['required']), ...required])];
  const { additionalProperties: _, ...open } = own;
  return {
    ...open,
    properties: { ...Object.fromEntries(offered), ...asMap(own['properties']) },
    ...(needed.length > 0 && { required: needed }),
    ...(alternatives.every(
      (each) => each['additionalProperties'] === false,
    ) && {
      additionalProperties: false,
    }),
  };
}

/** The schema without definitions that nothing points to any longer. */
function withoutUnused(schema: ObjectSchema): ObjectSchema {
  const { $defs, ...rest } = schema;
  if (!isSchema($defs)) {
    return schema;
  }
  const used = new Set<string>();
  const follow = (part: JsonSchema): JsonSchema => {
    const name = definitionNameOf(part['$ref']);
    const definition = name === undefined ? undefined : $defs[name];
    if (name !== undefined && !used.has(name) && isSchema(definition)) {
      used.add(name);
      follow(definition);
    }
    return mapSubschemas(part, follow);
  };
  follow(rest);
  const kept = Object.entries($defs).filter(([name]) => used.has(name));
  return (
    kept.length > 0 ? { ...rest, $defs: Object.fromEntries(kept) } : rest
  ) as ObjectSchema;
}

const asMap = (value: unknown): JsonSchema => (isSchema(value) ? value : {});

const asList = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : [];
