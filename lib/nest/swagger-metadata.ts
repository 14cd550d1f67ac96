import type { Type } from '@nestjs/common';

/** Metadata keys of `@nestjs/swagger`, which its `exports` map hides. */
export const SWAGGER_OPERATION = 'swagger/apiOperation';
export const SWAGGER_PARAMETERS = 'swagger/apiParameters';
export const SWAGGER_HEADERS = 'swagger/apiHeaders';
export const SWAGGER_RESPONSE = 'swagger/apiResponse';
export const SWAGGER_CONSUMES = 'swagger/apiConsumes';
export const SWAGGER_TAGS = 'swagger/apiUseTags';
export const SWAGGER_EXCLUDE_ENDPOINT = 'swagger/apiExcludeEndpoint';
export const SWAGGER_EXCLUDE_CONTROLLER = 'swagger/apiExcludeController';
const SWAGGER_EXTRA_MODELS = 'swagger/apiExtraModels';
const SWAGGER_MODEL_PROPERTY = 'swagger/apiModelProperties';
const SWAGGER_MODEL_PROPERTIES = 'swagger/apiModelPropertiesArray';
const SWAGGER_SCHEMA = 'swagger/apiSchema';

/** The static method of a class by which the CLI plugin of `@nestjs/swagger` tells what it has read. */
export const SWAGGER_PLUGIN = '_OPENAPI_METADATA_FACTORY';

/** Options of one `@ApiProperty()`, `@ApiQuery()`, `@ApiBody()` or `@ApiResponse()`. */
export type SwaggerOptions = Readonly<Record<string, unknown>>;

/** The name under which `@nestjs/swagger` files a class: `@ApiSchema({ name })`, else the class's own. */
export function swaggerName(type: Type<unknown>): string {
  const schemas: unknown = Reflect.getOwnMetadata(SWAGGER_SCHEMA, type);
  const last: unknown = Array.isArray(schemas) ? schemas.at(-1) : undefined;
  const name = (last as SwaggerOptions | undefined)?.['name'];
  return typeof name === 'string' ? name : type.name;
}

/** The options of every `@ApiProperty()` of a class and its ancestors, by property key. */
export function swaggerProperties(
  type: Type<unknown>,
): ReadonlyMap<string, SwaggerOptions> {
  const prototype: unknown = type.prototype;
  const properties = new Map<string, SwaggerOptions>();
  if (!isObject(prototype)) {
    return properties;
  }
  const keys: unknown = Reflect.getMetadata(
    SWAGGER_MODEL_PROPERTIES,
    prototype,
  );
  for (const key of Array.isArray(keys) ? keys.map(String) : []) {
    const name = key.slice(1);
    const options: unknown = Reflect.getMetadata(
      SWAGGER_MODEL_PROPERTY,
      prototype,
      name,
    );
    properties.set(name, isObject(options) ? (options as SwaggerOptions) : {});
  }
  return properties;
}

/** The classes of `@ApiExtraModels()` on a class or method. */
export const swaggerExtraModels = (target: object): Type<unknown>[] =>
  mentionedClasses(Reflect.getMetadata(SWAGGER_EXTRA_MODELS, target));

/**
 * Every class that metadata mentions: directly, in arrays, behind lazy
 * `type: () => Cat` functions, in the literals of `type: { cat: … }`.
 */
export function mentionedClasses(metadata: unknown): Type<unknown>[] {
  const found = new Set<Type<unknown>>();
  const seen = new Set<unknown>();
  const visit = (value: unknown): void => {
    if (seen.has(value)) {
      return;
    }
    seen.add(value);
    if (typeof value === 'function') {
      // The same test that `@nestjs/swagger` uses for a lazy type.
      if (value.name === 'type' && !isObject(value.prototype)) {
        visit((value as () => unknown)());
      } else if (isObject(value.prototype)) {
        found.add(value as Type<unknown>);
      }
    } else if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (isObject(value)) {
      Object.values(value).forEach(visit);
    }
  };
  visit(metadata);
  return [...found];
}

/** What `@nestjs/swagger` writes down without a model of its own. */
const BUILT_IN: readonly unknown[] = [String, Boolean, Number, Object, Array];

/** Whether `@nestjs/swagger` makes a model of what stands as a type. */
export const isModel = (type: unknown): type is Type<unknown> =>
  typeof type === 'function' &&
  isObject(type.prototype) &&
  !BUILT_IN.includes(type);

/** Metadata that should be an object; anything else counts as an empty one. */
export const metadataObject = (target: object, key: string): SwaggerOptions =>
  object(Reflect.getMetadata(key, target));

/** Metadata that should be a list; anything else counts as an empty one. */
export const metadataList = (target: object, key: string): SwaggerOptions[] =>
  list(Reflect.getMetadata(key, target));

/** The value if it is a list, else an empty one. */
export const list = (value: unknown): SwaggerOptions[] =>
  Array.isArray(value) ? (value as SwaggerOptions[]) : [];

/** The value if it is an object, else an empty one. */
export const object = (value: unknown): SwaggerOptions =>
  typeof value === 'object' && value !== null ? (value as SwaggerOptions) : {};

/** The value if it is text, and not empty. */
export const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** The strings of a list. */
export const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;
