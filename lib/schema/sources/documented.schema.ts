import type {
  SwaggerOperation,
  SwaggerParameter,
} from '../../nest/swagger-operation.js';
import { fromOpenApi } from '../classes/openapi.converter.js';
import { componentResolver } from '../classes/openapi.references.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import type { SchemaSources } from './schema-sources.js';

interface DocumentedContext {
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: Pick<SchemaSources, 'models'>;
}

/** What was documented by hand of one value, classes merged with all that is known of them. */
export function documentedSchema(
  {
    schema,
    description,
    models,
  }: Pick<SwaggerParameter, 'schema' | 'description' | 'models'>,
  { swagger, sources }: DocumentedContext,
): JsonSchema {
  return {
    ...fromOpenApi(
      schema,
      componentResolver(() => swagger?.schemas ?? {}, models, sources.models),
    ),
    ...(description !== undefined && { description }),
  };
}
