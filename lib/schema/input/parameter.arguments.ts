import type { RouteArgument } from '../../nest/route.interface.js';
import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import { designTypeSchema } from '../classes/design-type.schema.js';
import { validationRules } from '../classes/validation-rules.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { pipeEvidence, type PipeEvidence } from '../sources/pipe.schema.js';
import {
  documentedSchema,
  type SchemaReader,
} from '../sources/schema-reader.js';
import type { OnGap } from '../sources/standard-schema.gaps.js';
import {
  acceptsAbsence,
  isStandardSchema,
  readStandardSchema,
  type StandardSchema,
} from '../sources/standard-schema.reader.js';
import type { Argument } from './argument-target.js';
import { isForbiddenHeader } from '../../platform/header-rules.js';
import { isAmbientHeader } from './hidden-arguments.js';
import { objectShape, warnOfUnknownObject } from './object-shape.js';

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
function parameterSchema(
  { pipes, type }: RouteArgument,
  sources: Pick<SchemaReader, 'models'>,
): PipeEvidence {
  const models = sources.models.under(validationRules(pipes));
  const design = (each: unknown): JsonSchema =>
    designTypeSchema(each, (model) => models.schemaOf(model));
  const evidence = pipeEvidence(pipes, design);
  return {
    schema: mergeSchemas(evidence.schema, design(type)),
    required: evidence.required,
    delimiter: evidence.delimiter,
  };
}

/** What is known of one parameter: a Standard Schema stands alone. */
export function argumentSchema(
  argument: RouteArgument,
  sources: SchemaReader,
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

type Source = 'path' | 'query' | 'header';

/** What is known of a route when its path, query and header values are collected. */
interface ParameterContext {
  readonly arguments: readonly RouteArgument[];
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: SchemaReader;
  readonly pathParameters: readonly string[];
  /** Lower-case names of headers whose values come from elsewhere. */
  readonly takenHeaders: ReadonlySet<string>;
  /** Those of them without which the path has a form, too. */
  readonly optionalPathParameters: readonly string[];
  /** Is told of a whole query object whose keys are unknown. */
  readonly warn: (message: string) => void;
  /** Is told of what a Standard Schema could not express. */
  readonly onGap: OnGap;
}

/** The values of a request's path, query and headers: those the handler takes and those documented by hand. */
export function parameterArguments(context: ParameterContext): Argument[] {
  return (['path', 'query', 'header'] as const).flatMap((source) =>
    collect(source, context),
  );
}

function collect(source: Source, context: ParameterContext): Argument[] {
  if (source !== 'path' && !isMentioned(source, context)) {
    return [];
  }
  const found = new Map<string, Argument>();
  /** What the route itself documents by hand. */
  const asked = new Set<string>();
  const add = (
    field: string,
    schema: JsonSchema,
    required: boolean,
    more: Partial<Argument> = {},
  ): void => {
    const known = found.get(key(source, field));
    found.set(key(source, field), {
      source,
      field: known?.field ?? field,
      schema: known ? mergeSchemas(known.schema, schema) : schema,
      required: known ? known.required || required : required,
      ...more,
    });
  };
  for (const argument of context.arguments) {
    if (argument.source === source) {
      addArgument(argument, source, context, add);
    }
  }
  for (const parameter of context.swagger?.parameters ?? []) {
    if (parameter.in !== source) {
      continue;
    }
    const schema = documentedSchema(parameter, context);
    const known = found.get(key(source, parameter.name));
    if (known && isAlone(known, context)) {
      continue;
    }
    if (parameter.documentedOn === 'method') {
      asked.add(key(source, parameter.name));
    }
    add(parameter.name, schema, parameter.required, {
      schema: known ? mergeSchemas(schema, known.schema) : schema,
      required: parameter.required,
      delimiter: parameter.delimiter ?? known?.delimiter,
      isHidden: !known && parameter.documentedOn === 'application',
    });
  }
  if (source === 'path') {
    return context.pathParameters.map((field) => ({
      source,
      field,
      schema: textual(found.get(field)?.schema ?? {}),
      required: !context.optionalPathParameters.includes(field),
      delimiter: found.get(field)?.delimiter,
    }));
  }
  return [...found.values()]
    .filter(
      ({ field = '' }) =>
        source !== 'header' ||
        (!isForbiddenHeader(field) &&
          !context.takenHeaders.has(field.toLowerCase())),
    )
    .map((argument) => ({
      ...argument,
      schema: textual(argument.schema),
      isHidden:
        argument.isHidden === true ||
        (source === 'header' &&
          isAmbientHeader(argument.field ?? '') &&
          !asked.has(key(source, argument.field ?? ''))),
    }));
}

const isMentioned = (
  source: Source,
  { arguments: all, swagger }: ParameterContext,
): boolean =>
  all.some((argument) => argument.source === source) ||
  (swagger?.parameters ?? []).some((parameter) => parameter.in === source);

function addArgument(
  argument: RouteArgument,
  source: Source,
  { sources, swagger, warn, onGap }: ParameterContext,
  add: (
    field: string,
    schema: JsonSchema,
    required: boolean,
    more?: Partial<Argument>,
  ) => void,
): void {
  const { schema, required, delimiter } = argumentSchema(
    argument,
    sources,
    onGap,
  );
  if (argument.field !== undefined) {
    // Elsewhere a list is carried as such.
    const more = source === 'path' ? { delimiter } : {};
    add(argument.field, schema, required ?? false, more);
    return;
  }
  const shape = objectShape(schema);
  for (const [name, property] of Object.entries(shape?.properties ?? {})) {
    add(name, property, shape?.required.includes(name) ?? false);
  }
  const documented = swagger?.parameters.some(
    (each) => each.in === source && each.documentedOn !== 'application',
  );
  if (!shape && source === 'query' && !documented) {
    warnOfUnknownObject(argument, 'query', { sources, warn });
  }
}

/** A Standard Schema on the parameter is not mixed with anything. */
const isAlone = (
  known: Argument,
  { arguments: all }: ParameterContext,
): boolean =>
  all.some(
    (argument) =>
      argument.source === known.source &&
      (argument.field === undefined || argument.field === known.field) &&
      standardSchemaOf(argument) !== undefined,
  );

/** Keywords that say what a value is. */
const TYPED = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'];

/** Path, query and header values are text unless something says what the text stands for. */
function textual(schema: JsonSchema): JsonSchema {
  if (schema['type'] === 'array') {
    const { items } = schema;
    const untyped =
      items === undefined || Object.keys(items as object).length === 0;
    return untyped ? { ...schema, items: { type: 'string' } } : schema;
  }
  return TYPED.some((keyword) => keyword in schema)
    ? schema
    : { ...schema, type: 'string' };
}

/** Header names mean the same in any case (RFC 9110, section 5.1). */
const key = (source: Source, field: string): string =>
  source === 'header' ? field.toLowerCase() : field;
