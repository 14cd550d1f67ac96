import type { Type } from '@nestjs/common';
import type { ConverterMetadata } from './schema-packages.interface.js';
import type { ValidationRules } from './validation-rules.js';
import type {
  ClassValidatorPackage,
  ValidatorStorage,
} from './schema-packages.interface.js';

/** The validation decorators of one class and its ancestors. */
export interface ClassValidation {
  readonly metadata: readonly ConverterMetadata[];
  /** Properties all of whose decorators belong to other groups. */
  readonly unvalidated: ReadonlySet<string>;
  /** Whether a pipe lets properties be missing that are not `@IsDefined()`. */
  readonly skipsMissing: boolean;
  /** Answers as `class-validator`'s own storage does, for this class. */
  readonly storage: ValidatorStorage;
}

/**
 * Finds a class's validation decorators. `class-validator` looks for ancestors
 * among all classes it knows, each time: with a thousand DTOs that takes
 * seconds. Asked in a storage that holds the class and its ancestors alone, it
 * gives the same answer at once.
 *
 * @param rules which of them count; without, all do
 * @returns undefined for a class without any
 */
export function classValidation(
  type: Type<unknown>,
  classValidator: ClassValidatorPackage | undefined,
  rules: ValidationRules | undefined,
): ClassValidation | undefined {
  const whole = classValidator?.getMetadataStorage();
  if (!whole) {
    return undefined;
  }
  const own = narrow(type, whole);
  const all = own.getTargetValidationMetadatas(type, '', true, false);
  if (all.length === 0) {
    return undefined;
  }
  const metadata = selected(type, own, all, rules);
  const storage: ValidatorStorage = {
    // As if ancestors' decorators were the class's own: it is asked about alone.
    getTargetValidationMetadatas: () =>
      metadata.map((each) => ({ ...each, target: type })),
    getTargetValidatorConstraints: (target) =>
      whole.getTargetValidatorConstraints(target),
  };
  const validated = new Set(metadata.map(({ propertyName }) => propertyName));
  return {
    metadata,
    storage,
    unvalidated: new Set(
      all
        .map(({ propertyName }) => propertyName)
        .filter((property) => !validated.has(property)),
    ),
    skipsMissing: rules?.skipsMissing ?? false,
  };
}

function selected(
  type: Type<unknown>,
  storage: ValidatorStorage,
  all: readonly ConverterMetadata[],
  rules: ValidationRules | undefined,
): readonly ConverterMetadata[] {
  if (!rules || rules.selections.length === 0) {
    return all;
  }
  const counting = new Set(
    rules.selections.flatMap(({ groups, always, strictGroups }) =>
      storage.getTargetValidationMetadatas(
        type,
        '',
        always ?? false,
        strictGroups ?? false,
        groups,
      ),
    ),
  );
  return all.filter((each) => counting.has(each));
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
