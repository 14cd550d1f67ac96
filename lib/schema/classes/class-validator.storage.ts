import type { Type } from '@nestjs/common';
import type { ConverterMetadata } from './class-validator.converters.js';
import type {
  ClassValidatorPackage,
  ValidatorStorage,
} from './schema-packages.interface.js';

/** The validation decorators of one class and its ancestors. */
export interface ClassValidation {
  readonly metadata: readonly ConverterMetadata[];
  /** Answers as `class-validator`'s own storage does, for this class. */
  readonly storage: ValidatorStorage;
}

/**
 * Finds a class's validation decorators. `class-validator` looks for ancestors
 * among all classes it knows, each time: with a thousand DTOs that takes
 * seconds. Asked in a storage that holds the class and its ancestors alone, it
 * gives the same answer at once.
 *
 * @returns undefined for a class without any
 */
export function classValidation(
  type: Type<unknown>,
  classValidator: ClassValidatorPackage | undefined,
): ClassValidation | undefined {
  const whole = classValidator?.getMetadataStorage();
  if (!whole) {
    return undefined;
  }
  const own = narrow(type, whole);
  const storage: ValidatorStorage = {
    getTargetValidationMetadatas: (...args) =>
      own.getTargetValidationMetadatas(...args),
    getTargetValidatorConstraints: (target) =>
      whole.getTargetValidatorConstraints(target),
  };
  const metadata = storage.getTargetValidationMetadatas(type, '', true, false);
  return metadata.length > 0 ? { metadata, storage } : undefined;
}

function narrow(
  type: Type<unknown>,
  whole: ValidatorStorage,
): ValidatorStorage {
  const { validationMetadatas: known } = whole;
  if (!(known instanceof Map) || !whole.addValidationMetadata) {
    return whole;
  }
  const own = new (whole.constructor as new () => ValidatorStorage)();
  // Ancestors first, in the order in which decorators registered them.
  for (const target of ancestry(type).reverse()) {
    for (const metadata of (known.get(target) ?? []) as ConverterMetadata[]) {
      own.addValidationMetadata?.(metadata);
    }
  }
  return own;
}

function ancestry(type: Type<unknown>): unknown[] {
  const parent: unknown = Object.getPrototypeOf(type);
  return typeof parent === 'function' && parent !== Function.prototype
    ? [type, ...ancestry(parent as Type<unknown>)]
    : [type];
}
