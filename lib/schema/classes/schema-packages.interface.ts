import type { Type } from '@nestjs/common';
import type { SwaggerPackage } from '../../nest/swagger-document.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';

/** One validation decorator on one property, as `class-validator` stores it. */
export interface ConverterMetadata {
  readonly type: string;
  readonly name?: string;
  readonly target: unknown;
  readonly propertyName: string;
  readonly constraints?: readonly unknown[];
  readonly each?: boolean;
}

/** Makes the schema of one decorator; undefined adds nothing. */
export type Converter =
  JsonSchema | ((metadata: ConverterMetadata) => JsonSchema | undefined);

/** The part of `class-validator` that is read. */
export interface ClassValidatorPackage {
  getMetadataStorage(): ValidatorStorage;
}

/** The part of `class-validator`'s metadata storage that is read. */
export interface ValidatorStorage {
  getTargetValidationMetadatas(
    target: Type<unknown>,
    schema: string,
    always: boolean,
    strictGroups: boolean,
    groups?: readonly string[],
  ): readonly ConverterMetadata[];
  getTargetValidatorConstraints(target: never): unknown;
  addValidationMetadata?(metadata: unknown): void;
  /** Private there: a `Map` from class to decorators. */
  readonly validationMetadatas?: unknown;
}

/** The part of `class-transformer`'s metadata storage that is read. */
export interface ClassTransformerStorage {
  findTypeMetadata(target: unknown, property: string): TypeMetadata | undefined;
  findExcludeMetadata(
    target: unknown,
    property: string,
  ): DirectedMetadata | undefined;
  findExposeMetadata(
    target: unknown,
    property: string,
  ): DirectedMetadata | undefined;
}

/** One `@Type()` of `class-transformer`. */
export interface TypeMetadata {
  readonly typeFunction?: () => unknown;
  readonly options?: {
    readonly discriminator?: {
      readonly property: string;
      readonly subTypes: readonly {
        readonly name: string;
        readonly value: Type<unknown>;
      }[];
    };
  };
}

/** One `@Expose()` or `@Exclude()` of `class-transformer`. */
interface DirectedMetadata {
  readonly options?: {
    readonly name?: string;
    readonly toPlainOnly?: boolean;
  };
}

/** The part of `class-validator-jsonschema` that is used. */
export interface ClassValidatorJsonSchemaPackage {
  targetConstructorToSchema(target: Type<unknown>, options: object): JsonSchema;
}

/** The optional packages that know about DTOs; absent where not installed. */
export interface SchemaPackages {
  readonly swagger?: SwaggerPackage;
  readonly classValidator?: ClassValidatorPackage;
  readonly classTransformer?: ClassTransformerStorage;
  readonly classValidatorJsonSchema?: ClassValidatorJsonSchemaPackage;
}
