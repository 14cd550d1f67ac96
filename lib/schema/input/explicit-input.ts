import type { Route } from '../../nest/route.interface.js';
import {
  type JsonSchema,
  type ObjectSchema,
  isSchema,
} from '../json-schema/schema-keywords.js';
import {
  linkLocalReferences,
  dereference,
} from '../json-schema/schema-reference.js';
import { type SchemaInput, resolveSchema } from '../sources/schema-reader.js';
import type { OnGap } from '../sources/standard-schema.gaps.js';
import { isStandardSchema } from '../sources/standard-schema.reader.js';
import { nameArguments } from './argument-names.js';
import {
  bindArgument,
  type Argument,
  type InputSchemaOptions,
  type ArgumentTarget,
  type InputSchema,
} from './argument-target.js';
import type { BodyArguments } from './body.arguments.js';

/**
 * Takes a tool's input schema as the developer gave it, and finds out where
 * each of its properties goes: to the value of the route that has its name;
 * else to the body or, on a route without one, to the query.
 *
 * @param derived what the route's own parameters would give
 * @param onGap is told of what a Standard Schema could not express
 */
export function explicitInput(
  source: SchemaInput,
  route: Route,
  { sources, pathParameters, optionalPathParameters }: InputSchemaOptions,
  derived: BodyArguments,
  onGap: OnGap,
): InputSchema {
  const schema = asObject(
    source,
    resolveSchema(source, 'input', sources, onGap),
  );
  const names = nameArguments(derived.arguments);
  const byName = new Map(
    [...names].map(([value, argument]) => [argument, value]),
  );
  const takesBody =
    derived.encoding !== 'none' ||
    ['POST', 'PUT', 'PATCH', 'ALL'].includes(route.httpMethod);
  const whole = derived.arguments.some(
    ({ source: from, field }) => from === 'body' && field === undefined,
  );
  const properties = Object.entries(propertiesOf(schema));
  const bindings = properties.map(([name]): ArgumentTarget => {
    const value: Pick<Argument, 'source' | 'field' | 'delimiter'> = byName.get(
      name,
    ) ??
      fieldOf(derived.arguments, name) ?? {
        source: takesBody ? 'body' : 'query',
        field: name,
      };
    return bindArgument(name, value);
  });
  const missing = pathParameters.filter(
    (parameter) =>
      !optionalPathParameters?.includes(parameter) &&
      !bindings.some(
        ({ source: from, field }) => from === 'path' && field === parameter,
      ),
  );
  if (missing.length > 0) {
    throw new Error(
      `inputSchema has no property \`${missing.join('`, `')}\`, without which the URL cannot be built. Add it.`,
    );
  }
  const bound = bindings.some(({ source: from }) => from === 'body');
  const openBody =
    takesBody && !whole && schema['additionalProperties'] !== false;
  return {
    schema,
    bindings,
    openBody,
    bodyEncoding:
      derived.encoding === 'none' && (bound || openBody)
        ? 'json'
        : derived.encoding,
  };
}

function asObject(source: SchemaInput, schema: JsonSchema): ObjectSchema {
  if (schema['type'] !== 'object') {
    throw new Error(
      'inputSchema must have `type: "object"` at its root, because a tool takes named arguments. ' +
        'Put the value under a property.',
    );
  }
  const closes =
    schema['additionalProperties'] === undefined &&
    (typeof source === 'function' || isStandardSchema(source));
  // JSON Schema is kept to the letter; a class or a library never means "and anything else".
  return (
    closes ? { ...schema, additionalProperties: false } : schema
  ) as ObjectSchema;
}

function propertiesOf(schema: JsonSchema): Record<string, JsonSchema> {
  const { properties } = dereference(linkLocalReferences(schema, 'input'));
  return Object.fromEntries(
    Object.entries(isSchema(properties) ? properties : {}).map(
      ([name, each]) => [name, isSchema(each) ? each : {}],
    ),
  );
}

const fieldOf = (
  values: readonly Argument[],
  name: string,
): Argument | undefined =>
  values.find(
    ({ field, source }) =>
      field === name ||
      (source === 'header' && field?.toLowerCase() === name.toLowerCase()),
  );
