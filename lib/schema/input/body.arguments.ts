import type { Route, RouteArgument } from '../../nest/route.interface.js';
import type { SwaggerOperation } from '../../nest/swagger-operation.js';
import { uploadFields } from '../../nest/upload-fields.js';
import { isSchema, type JsonSchema } from '../json-schema/schema-keywords.js';
import { mergeSchemas } from '../json-schema/property.merge.js';
import { isClass } from '../classes/design-type.schema.js';
import { validationRules } from '../classes/validation-rules.js';
import {
  documentedSchema,
  type SchemaReader,
} from '../sources/schema-reader.js';
import type { OnGap } from '../sources/standard-schema.gaps.js';
import type { Argument, BodyEncoding, ObjectShape } from './argument-target.js';
import { binaryKind, fileArguments } from './file.arguments.js';
import { argumentSchema, standardSchemaOf } from './parameter.arguments.js';
import {
  mergeShapes,
  objectShape,
  unknownObjectWarning,
} from './object-shape.js';

/** What is known of a route when its body is taken apart. */
interface BodyContext {
  readonly route: Route;
  readonly arguments: readonly RouteArgument[];
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: SchemaReader;
  /** Is told of a whole body, or a field of it, of which nothing is known. */
  readonly warn: (message: string) => void;
  /** Is told of what a Standard Schema could not express. */
  readonly onGap: OnGap;
}

export interface BodyArguments {
  readonly arguments: readonly Argument[];
  /** The schema of further properties of an open body; false for a closed one. */
  readonly additional: unknown;
  readonly encoding: BodyEncoding;
}

/** The values of a request's body: its properties, or `body` for one that has none to name, and files. */
export function bodyArguments(context: BodyContext): BodyArguments {
  const whole = wholeBody(context);
  const shape = whole?.shape;
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
      const value = bodyField(argument, argument.field, context);
      const known = found.get(value.field);
      const schema = known
        ? mergeSchemas(known.schema, value.schema)
        : value.schema;
      warnOfUnknown(argument, schema, context);
      found.set(value.field, {
        ...value,
        schema,
        required: known?.required ?? value.required,
      });
    }
  }
  const values = [...found.values(), ...files];
  // Only documentation tells of an upload's other fields.
  if (whole && !shape && files.length === 0) {
    const { schema, required } = whole;
    values.push({ source: 'body', field: undefined, schema, required });
  }
  return {
    arguments: values,
    additional: shape?.additionalProperties ?? false,
    encoding: encodingOf(context, values),
  };
}

/** A body as a whole: what `@Body()` and `@ApiBody()` say of it. */
interface WholeBody {
  readonly schema: JsonSchema;
  /** Undefined for one that has no properties to name. */
  readonly shape: ObjectShape | undefined;
  readonly required: boolean;
}

/** What a body may be of which nothing is known (RFC 8259 allows more; parsers do not). */
const ANY_BODY: JsonSchema = {
  anyOf: [{ type: 'object' }, { type: 'array', items: {} }],
};

/** Fields without any metadata; they become known with the first decorator. */
const OPEN_SHAPE: ObjectShape = {
  properties: {},
  required: [],
  additionalProperties: true,
};

/** Every parameter that takes the whole body gets all of it, so what they say is put together. */
function wholeBody(context: BodyContext): WholeBody | undefined {
  const all = context.arguments.filter(
    ({ source, field }) => source === 'body' && field === undefined,
  );
  const [first, ...others] = all.map((argument) =>
    takenBody(argument, context),
  );
  const documented =
    first && all.every(standardSchemaOf)
      ? undefined
      : documentedBody(context, all[0]);
  if (!first) {
    return (
      documented && { ...documented, shape: objectShape(documented.schema) }
    );
  }
  if (others.length === 0) {
    return documented && !isUntyped(documented.schema)
      ? withDocumentation(first, documented)
      : known(first, all[0] as RouteArgument, context, documented);
  }
  const bodies = [...(documented ? [documented] : []), first, ...others];
  const shapes = bodies.flatMap(({ schema }) => objectShape(schema) ?? []);
  return shapes.length > 0
    ? {
        schema: first.schema,
        shape: mergeShapes(shapes),
        required: [first, ...others].some(({ required }) => required),
      }
    : known(first, all[0] as RouteArgument, context);
}

interface TakenBody {
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** Whether class-validator refuses an absent body; the documentation has no say in it. */
  readonly isValidated: boolean;
}

function takenBody(
  argument: RouteArgument,
  { sources, onGap }: BodyContext,
): TakenBody {
  const { schema, required } = argumentSchema(argument, sources, onGap);
  return {
    schema,
    required: required ?? true,
    isValidated:
      required !== false &&
      isClass(argument.type) &&
      sources.models.isValidated(argument.type),
  };
}

function documentedBody(
  { swagger, sources }: BodyContext,
  argument: RouteArgument | undefined,
): Pick<TakenBody, 'schema' | 'required'> | undefined {
  const body = swagger?.requestBody;
  if (!body) {
    return undefined;
  }
  const [content] = Object.values(body.content);
  const schema = documentedSchema(
    {
      schema: (content?.['schema'] ?? {}) as JsonSchema,
      description: body.description,
      models: body.models,
    },
    {
      swagger,
      sources: {
        models: sources.models.under(validationRules(argument?.pipes ?? [])),
      },
    },
  );
  return { schema, required: body.required };
}

function withDocumentation(
  taken: TakenBody,
  documented: Pick<TakenBody, 'schema' | 'required'>,
): WholeBody {
  const schema = mergeSchemas(documented.schema, taken.schema);
  return {
    schema,
    shape: objectShape(schema),
    required: taken.required && (documented.required || taken.isValidated),
  };
}

/** A body by its parameter alone; the developer is told where that says nothing. */
function known(
  taken: TakenBody,
  argument: RouteArgument,
  { sources, warn }: BodyContext,
  documented?: Pick<TakenBody, 'schema' | 'required'>,
): WholeBody {
  const { schema } = taken;
  const shape = objectShape(schema);
  const required =
    taken.required && (documented?.required !== false || taken.isValidated);
  const described = { ...documented?.schema, ...schema };
  if (isListOfUnknown(schema) && !standardSchemaOf(argument)) {
    warn(unknownObjectWarning(argument, 'list'));
  }
  const plain = isPlain(argument, schema, sources);
  if (
    shape ||
    standardSchemaOf(argument) ||
    (!plain && Object.keys(schema).length > 0)
  ) {
    return { schema: described, shape, required };
  }
  warn(unknownObjectWarning(argument, 'body'));
  return plain
    ? { schema: described, shape: OPEN_SHAPE, required }
    : { schema: { ...described, ...ANY_BODY }, shape: undefined, required };
}

/** TypeScript writes down that a parameter is an array, and not of what. */
const isListOfUnknown = ({ type, items }: JsonSchema): boolean =>
  type === 'array' &&
  (items === undefined || (isSchema(items) && Object.keys(items).length === 0));

const isUntyped = (schema: JsonSchema): boolean =>
  Object.keys(schema).every((keyword) => keyword === 'description');

function bodyField(
  argument: RouteArgument,
  field: string,
  { sources, onGap }: BodyContext,
): Argument & { readonly field: string } {
  const { schema, required } = argumentSchema(argument, sources, onGap);
  const demanded =
    isClass(argument.type) &&
    sources.models.isValidated(argument.type) &&
    (objectShape(schema)?.required.length ?? 0) > 0;
  return { source: 'body', field, schema, required: required ?? demanded };
}

/** An interface, `any` or a union leaves nothing at run time, and a class without metadata no more than its name. */
function warnOfUnknown(
  argument: RouteArgument,
  schema: JsonSchema,
  { sources, warn }: BodyContext,
): void {
  if (standardSchemaOf(argument)) {
    return;
  }
  if (isListOfUnknown(schema)) {
    warn(unknownObjectWarning(argument, 'list'));
  } else if (isUntyped(schema) || isPlain(argument, schema, sources)) {
    warn(unknownObjectWarning(argument, 'body'));
  }
}

/** Whether a class says that there is an object, and nothing else. */
const isPlain = (
  { type }: RouteArgument,
  schema: JsonSchema,
  { models }: SchemaReader,
): boolean =>
  Object.keys(schema).length === 1 &&
  isClass(type) &&
  !models.referenceTo(type);

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
