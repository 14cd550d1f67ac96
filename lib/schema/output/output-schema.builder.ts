import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { dereference, referenceOf } from '../json-schema/schema-reference.js';
import { bundleSchema } from '../json-schema/schema.bundler.js';
import { documentedSchema } from '../sources/documented.schema.js';
import type { SchemaSource } from '../sources/schema-source.interface.js';
import { resolveSchema } from '../sources/schema-source.js';
import type { SchemaSources } from '../sources/schema-sources.js';
import { jsonContent, successStatus } from './success-response.js';

/** What an output schema is made from. */
export interface OutputSchemaOptions {
  /** The tool's own `outputSchema`; `true` takes the documented one. */
  readonly explicit: SchemaSource | boolean | undefined;
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: SchemaSources;
}

/**
 * The schema of what a tool returns: the developer's own, else that of the
 * first documented 2xx response in JSON; undefined if there is none.
 *
 * @throws an error naming the library, for a Standard Schema that cannot describe itself
 */
export function buildOutputSchema({
  explicit,
  swagger,
  sources,
}: OutputSchemaOptions): JsonSchema | undefined {
  if (explicit === undefined || explicit === false) {
    return undefined;
  }
  return explicit === true
    ? swagger && responseSchema(swagger, successStatus(swagger), sources)
    : resolveSchema(explicit, 'output', sources);
}

/** The schema of one documented response; undefined if it has no JSON content with a schema. */
export function responseSchema(
  swagger: SwaggerOperation,
  status: string | undefined,
  sources: SchemaSources,
): JsonSchema | undefined {
  const response = status === undefined ? undefined : swagger.responses[status];
  const schema = response && jsonContent(response)?.content['schema'];
  if (!response || typeof schema !== 'object' || schema === null) {
    return undefined;
  }
  const described = documentedSchema(
    {
      schema: schema as JsonSchema,
      description: undefined,
      models: response.models,
    },
    { swagger, sources },
  );
  return bundleSchema(
    referenceOf(described) && described['nullable'] !== true
      ? dereference(described)
      : described,
    'output',
  );
}
