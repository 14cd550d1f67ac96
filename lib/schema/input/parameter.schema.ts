import type { RouteArgument } from '../../nest/route.interface.js';
import { designTypeSchema } from '../classes/design-type.schema.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import { validationRules } from '../classes/validation-rules.js';
import { pipeEvidence, type PipeEvidence } from '../sources/pipe.schema.js';
import type { SchemaSources } from '../sources/schema-sources.js';
import type { OnGap } from '../sources/standard-schema.gaps.js';
import type { StandardSchema } from '../sources/standard-schema.interface.js';
import {
  acceptsAbsence,
  isStandardSchema,
  readStandardSchema,
} from '../sources/standard-schema.reader.js';

/**
 * The Standard Schema that validates a parameter: Nest 12's `{ schema }`, one
 * that a pipe exposes as `schema`, or one that is, or hangs on, the class.
 */
export function standardSchemaOf({
  schema,
  pipes,
  type,
}: RouteArgument): StandardSchema | undefined {
  if (isStandardSchema(schema)) {
    return schema;
  }
  for (const pipe of pipes) {
    const carried = schemaOn(pipe);
    if (isStandardSchema(carried)) {
      return carried;
    }
  }
  return [type, schemaOn(type)].find(isStandardSchema);
}

const schemaOn = (holder: unknown): unknown =>
  (holder as { schema?: unknown } | null | undefined)?.schema;

/** What pipes, and then the design type, tell of a parameter. */
export function parameterSchema(
  { pipes, type }: RouteArgument,
  sources: Pick<SchemaSources, 'models'>,
): PipeEvidence {
  const models = sources.models.under(validationRules(pipes));
  const design = (each: unknown): JsonSchema =>
    designTypeSchema(each, (model) => models.schemaOf(model));
  const evidence = pipeEvidence(pipes, design);
  return {
    schema: mergeSchemas(evidence.schema, design(type)),
    required: evidence.required,
  };
}

/** What is known of one parameter: a Standard Schema stands alone. */
export function argumentSchema(
  argument: RouteArgument,
  sources: SchemaSources,
  onGap: OnGap,
): PipeEvidence {
  const standard = standardSchemaOf(argument);
  return standard
    ? {
        schema: readStandardSchema(standard, 'input', onGap),
        required: !acceptsAbsence(standard),
      }
    : parameterSchema(argument, sources);
}
