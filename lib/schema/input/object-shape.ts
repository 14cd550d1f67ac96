import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import { INITIALISED, isSchema } from '../json-schema/schema-keywords.js';
import {
  dereference,
  referenceOf,
  type SchemaReference,
} from '../json-schema/schema-reference.js';
import type { ObjectShape } from './argument.interface.js';

/** Of each class, as a rule the body of several routes. */
const known = new WeakMap<SchemaReference, ObjectShape | undefined>();

/**
 * The properties of an object schema, those of its `allOf` included;
 * undefined for anything that cannot be laid flat: an array, a scalar, a
 * union, a map, an object of which nothing is known.
 */
export function objectShape(schema: JsonSchema): ObjectShape | undefined {
  const reference = referenceOf(schema);
  if (!reference || Object.keys(schema).length > 1) {
    return shapeOf(schema, new Set());
  }
  if (!known.has(reference)) {
    known.set(reference, shapeOf(schema, new Set()));
  }
  return known.get(reference);
}

/** One shape of several objects that are sent as one; one name is one property. */
export function mergeShapes(shapes: readonly ObjectShape[]): ObjectShape {
  const properties = new Map<string, JsonSchema>();
  for (const [name, schema] of shapes.flatMap((shape) =>
    Object.entries(shape.properties),
  )) {
    const known = properties.get(name);
    properties.set(name, known ? mergeSchemas(known, schema) : schema);
  }
  const additional = shapes.map((shape) => shape.additionalProperties);
  return {
    properties: Object.fromEntries(properties),
    required: [...new Set(shapes.flatMap((shape) => shape.required))],
    additionalProperties: additional.includes(false)
      ? false
      : additional.find(Boolean),
  };
}

function shapeOf(
  schema: JsonSchema,
  seen: Set<JsonSchema>,
): ObjectShape | undefined {
  const target = dereference(schema);
  const { type, properties, allOf, required, additionalProperties } = target;
  const union = ['anyOf', 'oneOf', 'not', 'if', 'patternProperties'];
  if (
    seen.has(target) ||
    (type !== undefined && type !== 'object') ||
    target['nullable'] === true ||
    union.some((keyword) => keyword in target)
  ) {
    return undefined;
  }
  seen.add(target);
  const parts = (Array.isArray(allOf) ? allOf : []).map((each: unknown) =>
    isSchema(each) ? shapeOf(each, seen) : undefined,
  );
  if (parts.includes(undefined)) {
    return undefined;
  }
  const initialised = (target[INITIALISED] ?? []) as readonly string[];
  const shapes = parts.filter((part) => part !== undefined);
  const own = isSchema(properties) ? Object.entries(properties) : [];
  const all = [
    ...shapes.flatMap((shape) => Object.entries(shape.properties)),
    ...own.map(([name, each]) => [name, isSchema(each) ? each : {}] as const),
  ];
  return all.length > 0
    ? {
        properties: Object.fromEntries(all),
        required: [
          ...shapes.flatMap((shape) => shape.required),
          ...(Array.isArray(required) ? required.map(String) : []).filter(
            (name) => !initialised.includes(name),
          ),
        ],
        additionalProperties:
          additionalProperties ??
          shapes.find((shape) => shape.additionalProperties)
            ?.additionalProperties,
      }
    : undefined;
}
