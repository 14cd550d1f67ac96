import type { RouteArgument } from '../../nest/route.interface.js';
import { isClass } from '../classes/design-type.schema.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import {
  INITIALISED,
  isSchema,
  type JsonSchema,
} from '../json-schema/schema-keywords.js';
import {
  dereference,
  referenceOf,
  type SchemaReference,
} from '../json-schema/schema-reference.js';
import type { SchemaReader } from '../sources/schema-reader.js';
import type { ObjectShape } from './argument-target.js';

const REMEDIES = {
  body: 'document it with @ApiBody()',
  query: 'document the keys with @ApiQuery()',
} as const;

const MEMBERS = { body: 'fields', query: 'keys' } as const;

/**
 * Tells the developer of a `@Body()`, whole or one field of it, as an object or a list, or of a
 * whole `@Query()`, where nothing is known of it, and what to do about it. What
 * only lacks a package is told of by its class.
 */
export function warnOfUnknownObject(
  argument: RouteArgument,
  place: 'body' | 'query' | 'list',
  { sources, warn }: UnknownObjectContext,
): void {
  const { type } = argument;
  if (!isClass(type) || !sources.models.isUnreadable(type)) {
    warn(unknownObjectWarning(argument, place));
  }
}

interface UnknownObjectContext {
  readonly sources: Pick<SchemaReader, 'models'>;
  readonly warn: (message: string) => void;
}

function unknownObjectWarning(
  { type, field }: RouteArgument,
  place: 'body' | 'query' | 'list',
): string {
  const what =
    field === undefined
      ? `its whole ${place === 'list' ? 'body' : place}`
      : `"${field}" of its body`;
  if (place === 'list') {
    const name = field === undefined ? '' : `'${field}', `;
    return (
      `reads ${what} as an array, and nothing tells of what: write ` +
      `@Body(${name}new ParseArrayPipe({ items: Item })), or document it with @ApiBody().`
    );
  }
  const remedy = REMEDIES[place];
  if (type === undefined) {
    return (
      `reads ${what}, and TypeScript wrote down no type for it: set ` +
      `"emitDecoratorMetadata" in tsconfig.json ("decoratorMetadata" for SWC), or ${remedy}.`
    );
  }
  if (isClass(type)) {
    return (
      `reads ${what} as ${type.name}, a class without metadata, so none of its ` +
      `${MEMBERS[place]} is known: decorate its properties (class-validator, @ApiProperty()), or ${remedy}. ` +
      'Under SWC, the plugin of @nestjs/swagger needs SwaggerModule.loadPluginMetadata().'
    );
  }
  return (
    `reads ${what} without a class that has metadata, so none of its ` +
    `${MEMBERS[place]} is known: type it with a DTO class, or ${remedy}.`
  );
}

/** TypeScript writes down that a parameter is an array, and not of what. */
export const isListOfUnknown = ({ type, items }: JsonSchema): boolean =>
  type === 'array' &&
  (items === undefined || (isSchema(items) && Object.keys(items).length === 0));

/** Whether nothing is said of a value but what it is for. */
export const isUntyped = (schema: JsonSchema): boolean =>
  Object.keys(schema).every((keyword) => keyword === 'description');

/** Whether nothing is known of what is read as a whole, but perhaps that it is an object. */
export const isUnknown = (
  argument: RouteArgument,
  schema: JsonSchema,
  { sources }: Pick<UnknownObjectContext, 'sources'>,
): boolean => isUntyped(schema) || isPlain(argument, schema, sources);

/** Whether a class says that there is an object, and nothing else. */
export const isPlain = (
  { type }: RouteArgument,
  schema: JsonSchema,
  { models }: UnknownObjectContext['sources'],
): boolean =>
  Object.keys(schema).length === 1 &&
  isClass(type) &&
  !models.referenceTo(type);

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
