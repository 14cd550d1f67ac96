import { ValidationPipe, type Type } from '@nestjs/common';

/** Which validation decorators count: class-validator's own options. */
interface Selection {
  readonly groups?: readonly string[] | undefined;
  readonly always?: boolean | undefined;
  readonly strictGroups?: boolean | undefined;
}

/** What the `ValidationPipe`s in front of a value demand of it, beyond the decorators. */
export interface ValidationRules {
  /** One for each pipe: a decorator that counts for any of them is obeyed. */
  readonly selections: readonly Selection[];
  /** Whether properties may be missing, `@IsDefined()` ones excepted. */
  readonly skipsMissing: boolean;
}

/** The options of a `ValidationPipe` that decide on what is required. */
interface PipeOptions extends Selection {
  readonly skipMissingProperties?: boolean;
  readonly skipUndefinedProperties?: boolean;
}

interface PipeParts {
  readonly validatorOptions?: PipeOptions;
  readonly expectedType?: Type<unknown>;
}

/** Whether a pipe, given as an instance or a class, is a `ValidationPipe`. */
const isValidationPipe = (pipe: unknown): boolean =>
  pipe instanceof ValidationPipe ||
  pipe === ValidationPipe ||
  (typeof pipe === 'function' && pipe.prototype instanceof ValidationPipe);

/**
 * Reads the options of the `ValidationPipe`s that run for a value, global ones
 * included.
 *
 * @returns undefined where they are class-validator's defaults: all decorators count
 */
export function validationRules(
  pipes: readonly unknown[],
): ValidationRules | undefined {
  const options = pipes
    .filter(isValidationPipe)
    .map((pipe) => (pipe as PipeParts).validatorOptions ?? {});
  const skipsMissing =
    options.length > 0 &&
    options.every(
      (each) => each.skipMissingProperties || each.skipUndefinedProperties,
    );
  const selective = options.every(
    ({ groups, strictGroups }) => strictGroups || (groups?.length ?? 0) > 0,
  );
  return options.length === 0 || (!selective && !skipsMissing)
    ? undefined
    : {
        selections: selective
          ? options.map(({ groups, always, strictGroups }) => ({
              groups,
              always,
              strictGroups,
            }))
          : [],
        skipsMissing,
      };
}

/** The class that a `ValidationPipe` makes of a value, where it does not go by the parameter's type. */
export function expectedType(
  pipes: readonly unknown[],
): Type<unknown> | undefined {
  return pipes
    .filter(isValidationPipe)
    .map((pipe) => (pipe as PipeParts).expectedType)
    .find((type) => type !== undefined);
}
