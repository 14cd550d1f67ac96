import type { Type } from '@nestjs/common';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import {
  CONVERTERS,
  type ConverterMetadata,
} from './class-validator.converters.js';
import type { ClassValidation } from './class-validator.storage.js';
import { designTypeSchema } from './design-type.schema.js';
import type {
  ClassTransformerStorage,
  SchemaPackages,
  TypeMetadata,
} from './schema-packages.interface.js';

/** What `class-validator` and `class-transformer` say of one property. */
export interface ValidatedProperty {
  /** The property's name in a request: its own, or that of `@Expose({ name })`. */
  readonly name: string;
  readonly schema: JsonSchema;
  /** False after `@IsOptional()` and `@ValidateIf()`, which let null pass, too. */
  readonly required: boolean;
}

/**
 * Reads a class's validation decorators, by property key. One class at a time:
 * the store as a whole merges classes of one name and lacks mapped types.
 */
export function validatedProperties(
  type: Type<unknown>,
  { metadata, storage: validators }: ClassValidation,
  packages: SchemaPackages,
  model: (type: Type<unknown>) => JsonSchema,
): ReadonlyMap<string, ValidatedProperty> {
  const storage = packages.classTransformer;
  const nested: JsonSchema[] = [];
  const schema = packages.classValidatorJsonSchema?.targetConstructorToSchema(
    type,
    {
      classValidatorMetadataStorage: validators,
      additionalConverters: {
        ...CONVERTERS,
        // A number stands for the schema: the package deep-copies what it is given.
        nestedValidation: (each: ConverterMetadata) => ({
          'x-nested': nested.push(nestedSchema(each, storage, model)) - 1,
        }),
      },
    },
  );
  const properties = new Map<string, ValidatedProperty>();
  for (const [key, value] of Object.entries(schema?.['properties'] ?? {})) {
    const excluded = storage?.findExcludeMetadata(type, key);
    if (!isSchema(value) || (excluded && !excluded.options?.toPlainOnly)) {
      continue;
    }
    const exposed = storage?.findExposeMetadata(type, key)?.options;
    properties.set(key, {
      name: (!exposed?.toPlainOnly && exposed?.name) || key,
      schema: asMap(type, key, restoreNested(value, nested)),
      required: !metadata.some(
        (each) =>
          each.propertyName === key && each.type === 'conditionalValidation',
      ),
    });
  }
  return properties;
}

function nestedSchema(
  { target, propertyName, each }: ConverterMetadata,
  storage: ClassTransformerStorage | undefined,
  model: (type: Type<unknown>) => JsonSchema,
): JsonSchema {
  const typed = storage?.findTypeMetadata(target, propertyName);
  const design: unknown =
    typeof target === 'function'
      ? Reflect.getMetadata(
          'design:type',
          target.prototype as object,
          propertyName,
        )
      : undefined;
  const schema = typed
    ? transformedSchema(typed, model)
    : each
      ? {}
      : designTypeSchema(design, model);
  // @ValidateNested() looks into arrays by itself, also without `each`.
  const isList = design === Array || design === Set;
  return typed && isList && !each ? { type: 'array', items: schema } : schema;
}

function transformedSchema(
  { typeFunction, options }: TypeMetadata,
  model: (type: Type<unknown>) => JsonSchema,
): JsonSchema {
  const discriminator = options?.discriminator;
  if (!discriminator) {
    return designTypeSchema(typeFunction?.(), model);
  }
  return {
    oneOf: discriminator.subTypes.map(({ name, value }) => ({
      type: 'object',
      properties: { [discriminator.property]: { const: name } },
      required: [discriminator.property],
      allOf: [model(value)],
    })),
  };
}

function restoreNested(
  schema: JsonSchema,
  nested: readonly JsonSchema[],
): JsonSchema {
  const { 'x-nested': index, items, ...rest } = schema;
  return {
    ...(typeof index === 'number' ? nested[index] : undefined),
    ...(items !== undefined && {
      items: isSchema(items) ? restoreNested(items, nested) : items,
    }),
    ...rest,
  };
}

/** What `each` validates is an array, unless the property is a `Map`. */
function asMap(
  type: Type<unknown>,
  key: string,
  schema: JsonSchema,
): JsonSchema {
  const { items, ...rest } = schema;
  return schema['type'] === 'array' &&
    Reflect.getMetadata('design:type', type.prototype as object, key) === Map
    ? { ...rest, type: 'object', additionalProperties: items ?? {} }
    : schema;
}
