import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import { checkOptions, type OptionKeys } from './option-keys.js';

/**
 * A decorator that keeps its options as metadata.
 *
 * @param name of the decorator, for messages
 * @param key string under which they are kept, not a symbol: a process may load
 * both module formats of this package
 * @throws Error, where it is applied, for an option that does not exist
 */
export function optionsDecorator<T extends object>(
  name: string,
  key: string,
  options: T,
  table: OptionKeys<NoInfer<T>>,
): CustomDecorator {
  const keep = SetMetadata(key, options);
  const decorate = (
    target: object,
    property?: string | symbol,
    descriptor?: object,
  ): void => {
    checkOptions(
      `@${name}(…) on ${describeTarget(target, property)}`,
      options,
      table,
    );
    keep(target as never, property as never, descriptor as never);
  };
  return Object.assign(decorate, { KEY: key });
}

function describeTarget(target: object, property?: string | symbol): string {
  const owner = typeof target === 'function' ? target : target.constructor;
  return property === undefined
    ? owner.name
    : `${owner.name}.${String(property)}`;
}
