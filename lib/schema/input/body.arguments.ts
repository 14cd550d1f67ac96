import type { Route, RouteArgument } from '../../nest/route.interface.js';
import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import { uploadFields } from '../../nest/upload-fields.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import { documentedSchema } from '../sources/documented.schema.js';
import type { SchemaSources } from '../sources/schema-sources.js';
import {
  acceptsAbsence,
  readStandardSchema,
} from '../sources/standard-schema.reader.js';
import type { Argument } from './argument.interface.js';
import { binaryKind, fileArguments } from './file.arguments.js';
import type { BodyEncoding } from './input-schema.interface.js';
import { objectShape } from './object-shape.js';
import {
  argumentSchema,
  parameterSchema,
  standardSchemaOf,
} from './parameter.schema.js';

/** What is known of a route when its body is taken apart. */
export interface BodyContext {
  readonly route: Route;
  readonly arguments: readonly RouteArgument[];
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: SchemaSources;
}

/** A route's body, as arguments. */
export interface BodyArguments {
  readonly arguments: readonly Argument[];
  /** The schema of further properties of an open body; false for a closed one. */
  readonly additional: unknown;
  readonly encoding: BodyEncoding;
}

/** The values of a request's body: its properties, or `body` for one that has none to name, and files. */
export function bodyArguments(context: BodyContext): BodyArguments {
  const whole = wholeBody(context);
  const shape = whole && objectShape(whole.schema);
  const files = fileArguments(
    context.arguments,
    uploadFields(context.route),
    shape,
  );
  const fileFields = files.map(({ field }) => field);
  const found = new Map<string, Argument>();
  for (const [field, schema] of Object.entries(shape?.properties ?? {})) {
    if (!fileFields.includes(field) && schema['readOnly'] !== true) {
      const required =
        whole?.required !== false && !!shape?.required.includes(field);
      found.set(field, { source: 'body', field, schema, required });
    }
  }
  for (const argument of context.arguments) {
    if (argument.source === 'body' && argument.field !== undefined) {
      const value = bodyField(argument, argument.field, context.sources);
      const known = found.get(value.field);
      found.set(value.field, {
        ...value,
        schema: known ? mergeSchemas(known.schema, value.schema) : value.schema,
        required: known?.required ?? value.required,
      });
    }
  }
  const values = [...found.values(), ...files];
  // An upload's other fields are only known if documented: its body is no value of its own.
  if (whole && !shape && files.length === 0) {
    values.push({ ...whole, source: 'body', field: undefined });
  }
  return {
    arguments: values,
    additional: shape?.additionalProperties ?? false,
    encoding: encodingOf(context, values),
  };
}

/** What `@Body()` and `@ApiBody()` say of the body as a whole; undefined if neither is there. */
function wholeBody({
  arguments: all,
  swagger,
  sources,
}: BodyContext): Pick<Argument, 'schema' | 'required'> | undefined {
  const argument = all.find(
    ({ source, field }) => source === 'body' && field === undefined,
  );
  const standard = argument && standardSchemaOf(argument);
  if (standard) {
    return {
      schema: readStandardSchema(standard, 'input'),
      required: !acceptsAbsence(standard),
    };
  }
  const taken = argument && parameterSchema(argument, sources);
  const body = swagger?.requestBody;
  if (!body) {
    return taken && { schema: taken.schema, required: taken.required ?? true };
  }
  const [content] = Object.values(body.content);
  const documented = documentedSchema(
    {
      schema: (content?.['schema'] ?? {}) as JsonSchema,
      description: body.description,
      models: body.models,
    },
    { swagger, sources },
  );
  return {
    schema: taken ? mergeSchemas(documented, taken.schema) : documented,
    required: body.required && taken?.required !== false,
  };
}

function bodyField(
  argument: RouteArgument,
  field: string,
  sources: SchemaSources,
): Argument & { readonly field: string } {
  const { schema, required } = argumentSchema(argument, sources);
  return { source: 'body', field, schema, required: required ?? false };
}

function encodingOf(
  { swagger, arguments: all }: BodyContext,
  values: readonly Argument[],
): BodyEncoding {
  const consumes = swagger?.consumes ?? [];
  const accepts = (type: string): boolean =>
    consumes.some((each) => each.toLowerCase().startsWith(type));
  const binary = values.some(
    ({ source, schema }) =>
      source === 'file' || source === 'files' || binaryKind(schema) === false,
  );
  const hasBody =
    values.length > 0 ||
    swagger?.requestBody !== undefined ||
    all.some(({ source }) => source === 'body');
  if (!hasBody) {
    return 'none';
  }
  if (binary || (accepts('multipart/') && !accepts('application/json'))) {
    return 'multipart';
  }
  return accepts('application/x-www-form-urlencoded') &&
    !accepts('application/json')
    ? 'urlencoded'
    : 'json';
}
