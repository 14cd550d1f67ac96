import type { Type } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import type { ModuleRef } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

/** Names of what an implementation must have. */
export type Methods<T> = readonly (keyof T & string)[];

/**
 * @param subject the option or the contract, for the message
 * @throws Error naming the methods that it lacks: a call of them would fail much later
 */
export function refuseIncomplete<T extends object>(
  subject: string,
  given: T,
  methods: Methods<NoInfer<T>>,
): void {
  const members = Object(given) as Readonly<Record<string, unknown>>;
  const missing = methods.filter((name) => typeof members[name] !== 'function');
  if (missing.length > 0) {
    throw new Error(
      `${subject} is ${kindOf(given)} without ${missing.map((name) => `${name}()`).join(', ')}. ` +
        'Give an instance of a class that has it.',
    );
  }
}

function kindOf(given: unknown): string {
  const name = (given as { constructor?: Type<unknown> } | null)?.constructor
    ?.name;
  return typeof given !== 'object' || given === null
    ? `a ${typeof given}`
    : name === undefined || name === 'Object'
      ? 'an object'
      : `a ${name}`;
}

/** Of two in one module, Nest keeps the last, and says nothing of the first. */
export function refuseOverridden(
  modules: ModuleRef,
  contract: { readonly name: string },
  module: Module,
): void {
  const { container } = modules as unknown as {
    readonly container?: {
      getDynamicMetadataByToken?(token: string, key: 'providers'): unknown;
    };
  };
  // `ModuleRef` gives no public way to what a dynamic module was given.
  const own: unknown = Reflect.getMetadata(
    MODULE_METADATA.PROVIDERS,
    module.metatype,
  );
  const dynamic = container?.getDynamicMetadataByToken?.(
    module.token,
    'providers',
  );
  const given = new Set(
    [own, dynamic]
      .flatMap((list: unknown) => (Array.isArray(list) ? list : []))
      .filter(
        (each: unknown) =>
          (each as { provide?: unknown } | undefined)?.provide === contract,
      ),
  );
  if (given.size > 1) {
    throw new Error(
      `${contract.name} is provided twice in ${module.name}, and Nest takes the ` +
        'last alone. Provide one.',
    );
  }
}
