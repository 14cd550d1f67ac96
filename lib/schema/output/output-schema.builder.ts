import type {
  SwaggerContent,
  SwaggerOperation,
} from '../../nest/swagger-operation.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { dereference, referenceOf } from '../json-schema/schema-reference.js';
import { bundleSchema } from '../json-schema/schema.bundler.js';
import {
  documentedSchema,
  resolveSchema,
  type SchemaInput,
  type SchemaReader,
} from '../sources/schema-reader.js';

/** The status code of the success response: the first 2xx, or `2XX`. */
export const successStatus = ({
  responses,
}: SwaggerOperation): string | undefined =>
  Object.keys(responses).find((status) => /^2(?:\d\d|XX)$/i.test(status));

/** A response's JSON content, with its media type; undefined if it has none. */
export function jsonContent({
  content,
}: SwaggerContent):
  | { readonly mediaType: string; readonly content: Record<string, unknown> }
  | undefined {
  const found = Object.entries(content).find(([mediaType]) =>
    /^(?:application\/(?:.+\+)?json|\*\/\*)\b/i.test(mediaType),
  );
  return found && { mediaType: found[0], content: { ...found[1] } };
}

/** What an output schema is made from. */
interface OutputSchemaOptions {
  /** The tool's own `outputSchema`; `true` takes the documented one. */
  readonly explicit: SchemaInput | boolean | undefined;
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: SchemaReader;
}

/**
 * The schema of what a tool returns: the developer's own, else that of the
 * first documented 2xx response in JSON; undefined without one.
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
  sources: SchemaReader,
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
