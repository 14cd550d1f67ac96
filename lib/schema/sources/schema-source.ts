import type { Type } from '@nestjs/common';
import { designTypeSchema } from '../classes/design-type.schema.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { dereference, referenceOf } from '../json-schema/schema-reference.js';
import { bundleSchema } from '../json-schema/schema.bundler.js';
import type { SchemaSource } from './schema-source.interface.js';
import type { SchemaSources } from './schema-sources.js';
import type { OnGap } from './standard-schema.gaps.js';
import {
  describeStandardSchema,
  isStandardSchema,
} from './standard-schema.reader.js';

/**
 * Turns what a developer gave as a schema into JSON Schema: a DTO class by all
 * that is known of it, a Standard Schema by its own account, a JSON Schema
 * untouched.
 *
 * @param onGap is told of what a Standard Schema could not express
 * @throws an error naming the library, for a Standard Schema that cannot describe itself
 */
export function resolveSchema(
  source: SchemaSource,
  io: 'input' | 'output',
  sources: SchemaSources,
  onGap?: OnGap,
): JsonSchema {
  if (isStandardSchema(source)) {
    return describeStandardSchema(source, io, onGap);
  }
  if (typeof source !== 'function') {
    return source;
  }
  const schema = designTypeSchema(source as Type<unknown>, (type) =>
    sources.models.schemaOf(type),
  );
  return bundleSchema(referenceOf(schema) ? dereference(schema) : schema, io);
}
