import type { Type } from '@nestjs/common';
import type { ObjectSchema } from '../json-schema/json-schema.interface.js';
import type { SchemaSource } from './schema-source.interface.js';
import { resolveSchema } from './schema-source.js';
import type { SchemaSources } from './schema-sources.js';

/**
 * The schema of a method's arguments: the one given, else that of the class of
 * its first parameter; undefined without either.
 *
 * @param label for messages: `arguments of Prompts.review`
 * @throws Error where it is no schema of an object
 */
export function methodArguments(
  given: SchemaSource | undefined,
  parameter: Type<unknown> | undefined,
  sources: SchemaSources,
  label: string,
): ObjectSchema | undefined {
  const source =
    given ?? (parameter && parameter !== Object ? parameter : undefined);
  const schema = source && resolveSchema(source, 'input', sources);
  if (schema && schema['type'] !== 'object') {
    throw new Error(
      `${label} is no object: its root must have type "object", as arguments are named.`,
    );
  }
  return schema as ObjectSchema | undefined;
}
