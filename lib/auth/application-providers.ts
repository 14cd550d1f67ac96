import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';

/** An injection token that is a class, abstract as contracts are, too. */
type ClassToken<T> = abstract new (...args: never[]) => T;

/** What the application provides under a token; undefined where it provides nothing. */
export function providedBy<T>(
  modules: ModuleRef,
  token: ClassToken<T>,
): T | undefined {
  try {
    return modules.get<T>(token as never, { strict: false });
  } catch {
    // Nest has no other way to ask whether something is provided.
    return undefined;
  }
}

/**
 * An option that is an instance, or the class of one of the application's.
 *
 * @throws Error where the application does not provide the class
 */
export function instanceOf<T>(
  modules: ModuleRef,
  given: T | Type<T> | undefined,
): T | undefined {
  return typeof given === 'function'
    ? modules.get(given as Type<T>, { strict: false })
    : given;
}
