import type { Type } from '@nestjs/common';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import { COLLECTING_CONVERTERS } from './class-validator.converters.js';
import type { ClassValidation } from './class-validator.storage.js';
import { designTypeSchema } from './design-type.schema.js';
import type {
  ClassTransformerStorage,
  ConverterMetadata,
  SchemaPackages,
  TypeMetadata,
} from './schema-packages.interface.js';

/** What `class-validator` and `class-transformer` say of one property. */
export interface ValidatedProperty {
  /** The property's name in a request: its own, or that of `@Expose({ name })`. */
  readonly name: string;
  readonly schema: JsonSchema;
  /** False after `@IsOptional()` and `@ValidateIf()`, or where a pipe skips what is missing. */
  readonly required: boolean;
  /** Whether the property may always be missing: `@IsOptional()`. */
  readonly isOptional: boolean;
}

/**
 * Reads a class's validation decorators, by property key. One class at a time:
 * the store as a whole merges classes of one name and lacks mapped types.
 */
export function validatedProperties(
  type: Type<unknown>,
  { metadata, storage: validators, skipsMissing }: ClassValidation,
  packages: SchemaPackages,
  model: (type: Type<unknown>) => JsonSchema,
): ReadonlyMap<string, ValidatedProperty> {
  const storage = packages.classTransformer;
  const nested: JsonSchema[] = [];
  const schema = packages.classValidatorJsonSchema?.targetConstructorToSchema(
    type,
    {
      classValidatorMetadataStorage: validators,
      rules: new Map(),
      additionalConverters: {
        ...COLLECTING_CONVERTERS,
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
    const decorators = metadata.filter(
      ({ propertyName }) => propertyName === key,
    );
    const conditions = conditionsOf(decorators);
    const isNullable = conditions.some(isForNull);
    const property = asMap(type, key, restoreNested(value, nested));
    properties.set(key, {
      name: (!exposed?.toPlainOnly && exposed?.name) || key,
      schema: isNullable ? { ...property, nullable: true } : property,
      required:
        (conditions.length === 0 || isNullable) &&
        (!skipsMissing || decorators.some(isDefined)),
      isOptional: conditions.some(isForMissing),
    });
  }
  return properties;
}

/** `@IsDefined()` holds even where missing properties are skipped. */
const isDefined = ({ type, name }: ConverterMetadata): boolean =>
  (name ?? type) === 'isDefined';

/** Whether a property's value is to be validated; of `@ValidateIf()` and `@IsOptional()`. */
type Condition = (value: unknown) => boolean;

function conditionsOf(
  decorators: readonly ConverterMetadata[],
): readonly Condition[] {
  return decorators
    .filter(({ type }) => type === 'conditionalValidation')
    .map(({ propertyName, constraints }) => (value) => {
      const condition = constraints?.[0] as (
        object: object,
        value: unknown,
      ) => unknown;
      try {
        return !!condition({ [propertyName]: value }, value);
      } catch {
        // It asks for more than the value.
        return true;
      }
    });
}

/** `@IsOptional()` lets a missing value pass, and a real one never. */
const isForMissing = (condition: Condition): boolean =>
  !condition(undefined) && condition('x');

/** `@ValidateIf((_, value) => value !== null)` says that null is a value. */
const isForNull = (condition: Condition): boolean =>
  !condition(null) && condition(undefined);

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

/** What `@Type()` of class-transformer makes of a value. */
export function transformedSchema(
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
