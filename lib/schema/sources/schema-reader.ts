import type { Type } from '@nestjs/common';
import type { SwaggerPackage } from '../../nest/swagger-document.js';
import type { ArgumentsType } from '../../nest/provider-methods.js';
import { SwaggerReadings } from '../../nest/swagger-model.js';
import type {
  SwaggerOperation,
  SwaggerParameter,
} from '../../nest/swagger-operation.js';
import { ClassModels } from '../classes/class.model.js';
import { designTypeSchema, isClass } from '../classes/design-type.schema.js';
import {
  componentResolver,
  fromOpenApi,
} from '../classes/openapi.converter.js';
import type {
  ClassTransformerStorage,
  ClassValidatorJsonSchemaPackage,
  ClassValidatorPackage,
  SchemaPackages,
} from '../classes/schema-packages.interface.js';
import type {
  JsonSchema,
  ObjectSchema,
} from '../json-schema/schema-keywords.js';
import { dereference, referenceOf } from '../json-schema/schema-reference.js';
import { bundleSchema } from '../json-schema/schema.bundler.js';
import { type OnGap, warnOfGaps } from './standard-schema.gaps.js';
import {
  describeStandardSchema,
  isStandardSchema,
  type StandardSchema,
} from './standard-schema.reader.js';

/**
 * A DTO class, a Standard Schema (Zod, Valibot, ArkType) or a JSON Schema,
 * which is kept to the letter.
 *
 * @publicApi
 */
export type SchemaInput = Type<unknown> | StandardSchema | JsonSchema;

/** Whether a developer wrote it as JSON Schema, word by word. */
export const isJsonSchema = (source: SchemaInput | undefined): boolean =>
  typeof source === 'object' && !isStandardSchema(source);

/**
 * Turns what a developer gave as a schema into JSON Schema: a DTO class by all
 * that is known of it, a Standard Schema by its own account, a JSON Schema
 * untouched.
 *
 * @param onGap is told of what a Standard Schema could not express
 * @throws an error naming the library, for a Standard Schema that cannot describe itself
 */
export function resolveSchema(
  source: SchemaInput,
  io: 'input' | 'output',
  sources: SchemaReader,
  onGap?: OnGap,
): JsonSchema {
  if (isStandardSchema(source)) {
    return describeStandardSchema(source, io, onGap);
  }
  if (typeof source !== 'function') {
    return source;
  }
  const schema = designTypeSchema(source as Type<unknown>, (type) =>
    sources.models.schemaOf(type),
  );
  return bundleSchema(referenceOf(schema) ? dereference(schema) : schema, io);
}

/** The optional packages, and what was learnt from them about each class. */
export class SchemaReader implements SchemaPackages {
  readonly swagger: SwaggerPackage | undefined;
  readonly readings: SwaggerReadings | undefined;
  readonly classValidator: ClassValidatorPackage | undefined;
  readonly classTransformer: ClassTransformerStorage | undefined;
  readonly classValidatorJsonSchema:
    ClassValidatorJsonSchemaPackage | undefined;
  readonly models: ClassModels;
  private readonly warnings = new Set<string>();
  private drained = 0;

  constructor(packages: SchemaPackages) {
    this.swagger = packages.swagger;
    this.readings = packages.swagger && new SwaggerReadings(packages.swagger);
    this.classValidator = packages.classValidator;
    this.classTransformer = packages.classTransformer;
    this.classValidatorJsonSchema = packages.classValidatorJsonSchema;
    this.models = new ClassModels(this, (message) =>
      this.warnings.add(message),
    );
  }

  /** Warnings that came up since the last time this was asked; none comes twice. */
  takeWarnings(): string[] {
    if (this.drained === this.warnings.size) {
      return [];
    }
    const fresh = [...this.warnings].slice(this.drained);
    this.drained = this.warnings.size;
    return fresh;
  }
}

interface DocumentedContext {
  readonly swagger: SwaggerOperation | undefined;
  readonly sources: Pick<SchemaReader, 'models'>;
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

/** What schemas are read by, and where it is told what they leave out. */
interface SchemaBuild {
  readonly sources: SchemaReader;
  readonly warn: (message: string) => void;
}

/**
 * The schema of a method's arguments: the one given, else that of the class of
 * its first parameter; undefined without either.
 *
 * @param label for messages: `arguments of Prompts.review`
 * @throws Error where it is no schema of an object
 */
export function methodArguments(
  given: SchemaInput | undefined,
  parameter: Type<unknown> | undefined,
  { sources, warn }: SchemaBuild,
  label: string,
): ObjectSchema | undefined {
  const gaps: string[] = [];
  const source =
    given ?? (parameter && parameter !== Object ? parameter : undefined);
  const schema =
    source &&
    resolveSchema(source, 'input', sources, (part) => gaps.push(part));
  warnOfGaps(gaps, label, warn);
  sources.takeWarnings().forEach(warn);
  if (schema && schema['type'] !== 'object') {
    throw new Error(
      `${label} is no object: its root must have type "object", as arguments are named.`,
    );
  }
  return schema as ObjectSchema | undefined;
}

/**
 * Tells the developer of a method that declares arguments of which nothing is
 * known, so that none is advertised.
 *
 * @param origin for messages: `Prompts.review`
 * @param remedy what can be given in place of a class: `an inputSchema`
 */
export function warnOfUnknownArguments(
  type: ArgumentsType,
  { sources, warn }: SchemaBuild,
  origin: string,
  remedy: string,
): void {
  if (type === 'nothing written down') {
    warn(
      `${origin} takes arguments, and TypeScript wrote down no type for them: set ` +
        `"emitDecoratorMetadata" in tsconfig.json ("decoratorMetadata" for SWC), or give ${remedy}.`,
    );
  } else if (type === Object) {
    warn(
      `${origin} takes its arguments by an inline type, an interface or any, which leave ` +
        'nothing at run time, so it is offered without arguments: type its first ' +
        `parameter with a DTO class, or give ${remedy}. Where it needs none, begin ` +
        'the name with an underscore: _args.',
    );
  } else if (
    isClass(type) &&
    !sources.models.referenceTo(type) &&
    !sources.models.isUnreadable(type)
  ) {
    warn(
      `${origin} takes its arguments as ${type.name}, a class without metadata, so ` +
        'none of them is known: decorate its properties (class-validator, ' +
        `@ApiProperty()), or give ${remedy}.`,
    );
  }
}
