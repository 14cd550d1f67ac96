import type { Type } from '@nestjs/common';
import type { Route } from './route.interface.js';
import {
  mentionedClasses,
  metadataList,
  metadataObject,
  object,
  SWAGGER_HEADERS,
  SWAGGER_RESPONSE,
  type SwaggerOptions,
  swaggerProperties,
  text,
} from './swagger-metadata.js';

/** An OpenAPI 3.0 schema with the classes that its `$ref`s may mean, the likeliest first. */
export interface SwaggerContent {
  /** By media type: `schema`, `example`, `examples`. */
  readonly content: Readonly<Record<string, SwaggerOptions>>;
  readonly description: string | undefined;
  readonly models: readonly Type<unknown>[];
}

/** A parameter that was documented by hand: `@ApiQuery()`, `@ApiParam()`, `@ApiHeader()`, global ones. */
export interface SwaggerParameter {
  readonly in: string;
  /** Where the documentation stands: the whole application's is that of `addGlobalParameters()`. */
  readonly documentedOn: 'method' | 'controller' | 'application';
  readonly name: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Of a query parameter with `explode: false`: what joins the elements of a list. */
  readonly delimiter: ',' | ' ' | '|' | undefined;
  readonly schema: SwaggerOptions;
  readonly models: readonly Type<unknown>[];
}

/** What `@nestjs/swagger` metadata say of what one route takes and answers. */
export interface SwaggerOperation {
  readonly parameters: readonly SwaggerParameter[];
  /** Only if documented by `@ApiBody()`. */
  readonly requestBody:
    (SwaggerContent & { readonly required: boolean }) | undefined;
  /** Media types of `@ApiConsumes()`. */
  readonly consumes: readonly string[];
  /** Documented responses by status code; may be empty. */
  readonly responses: Readonly<Record<string, SwaggerContent>>;
  /** OpenAPI 3.0 schemas that `#/components/schemas/…` names. */
  readonly schemas: Readonly<Record<string, unknown>>;
}

/** Whether `@nestjs/swagger` took a parameter from the handler's signature alone. */
export function isReflected(
  route: Route,
  explicit: readonly SwaggerOptions[],
  parameter: SwaggerOptions,
): boolean {
  const { name, in: place } = parameter;
  return (
    !explicit.some((each) => each['name'] === name && each['in'] === place) &&
    route.arguments.some(
      ({ source, field, type, schema }) =>
        (source === place || (field === undefined && place === 'query')) &&
        (field === name ||
          (field === undefined &&
            (schema !== undefined ||
              (type !== undefined &&
                [...swaggerProperties(type)].some(
                  ([key, options]) => (options['name'] ?? key) === name,
                ))))),
    )
  );
}

/** One parameter, without the type that is only reflected from the handler. */
export function toParameter(
  route: Route,
  explicit: readonly SwaggerOptions[],
  parameter: SwaggerOptions,
  shared: readonly Type<unknown>[],
): SwaggerParameter {
  const options = explicit.find(
    (each) =>
      each['name'] === parameter['name'] && each['in'] === parameter['in'],
  );
  const schema = { ...object(parameter['schema']) };
  const stated = ['type', 'schema', 'enum', 'isArray', 'content'];
  if (options && !stated.some((key) => options[key] !== undefined)) {
    // The type comes from the handler's signature, where pipes know better.
    delete schema['type'];
    delete schema['items'];
  }
  return {
    in: String(parameter['in']),
    documentedOn: options
      ? 'method'
      : isControllerHeader(route, parameter)
        ? 'controller'
        : 'application',
    name: String(parameter['name']),
    required: parameter['required'] === true,
    description: text(parameter['description']),
    delimiter: delimiterOf(parameter),
    schema,
    models: [...mentionedClasses(options), ...shared],
  };
}

/** Whether `@ApiHeader()` on the class documents a parameter. */
const isControllerHeader = (
  { controller }: Route,
  { name, in: place }: SwaggerOptions,
): boolean =>
  place === 'header' &&
  metadataList(controller, SWAGGER_HEADERS).some(
    (header) => header['name'] === name,
  );

/** OpenAPI 3.0, section 4.7.12.2, "Style Values": `explode` is the default of `form` alone. */
function delimiterOf({
  in: place,
  style = 'form',
  explode = style === 'form',
}: SwaggerOptions): SwaggerParameter['delimiter'] {
  if (place !== 'query' || explode === true) {
    return undefined;
  }
  return style === 'form'
    ? ','
    : style === 'spaceDelimited'
      ? ' '
      : style === 'pipeDelimited'
        ? '|'
        : undefined;
}

/** The body as `@ApiBody()` describes it. */
export function toRequestBody(
  route: Route,
  explicit: readonly SwaggerOptions[],
  operation: SwaggerOptions | undefined,
  shared: readonly Type<unknown>[],
): SwaggerOperation['requestBody'] {
  const options = explicit.find((each) => each['in'] === 'body');
  const body = object(operation?.['requestBody']);
  if (!options) {
    return undefined;
  }
  const type = route.arguments.find(
    ({ source, field }) => source === 'body' && field === undefined,
  )?.type;
  const stated = ['schema', 'enum', 'isArray'];
  // `@ApiBody({ description })` without a type says String by default.
  const defaulted =
    options['type'] === String &&
    type !== String &&
    !stated.some((key) => options[key] !== undefined && options[key] !== false);
  return {
    required: options['required'] !== false,
    description: text(options['description']),
    content: defaulted ? {} : (object(body['content']) as never),
    models: [...mentionedClasses(options), ...shared],
  };
}

/** The responses that were documented; an undocumented route has none. */
export function toResponses(
  route: Route,
  handler: object,
  operation: SwaggerOptions | undefined,
  shared: readonly Type<unknown>[],
): Record<string, SwaggerContent> {
  const metadata = {
    ...metadataObject(route.controller, SWAGGER_RESPONSE),
    ...metadataObject(handler, SWAGGER_RESPONSE),
  };
  const responses: Record<string, SwaggerContent> = {};
  for (const [status, value] of Object.entries(
    object(operation?.['responses']),
  )) {
    const { description, content } = object(value);
    if (status in metadata || description || content) {
      responses[status] = {
        description: text(description),
        content: object(content) as SwaggerContent['content'],
        models: [...mentionedClasses(metadata[status]), ...shared],
      };
    }
  }
  return responses;
}
