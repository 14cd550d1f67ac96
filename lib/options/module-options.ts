import {
  type ConfigurableModuleAsyncOptions,
  type CustomDecorator,
  SetMetadata,
  type InjectionToken,
  type Provider,
} from '@nestjs/common';
import {
  checkOptions,
  type OptionKeys,
  type OptionTable,
} from './option-keys.js';

const ASYNC_KEYS: OptionKeys<ConfigurableModuleAsyncOptions<unknown>> = {
  imports: true,
  inject: true,
  useFactory: true,
  useClass: true,
  useExisting: true,
  provideInjectionTokensFrom: true,
};

/**
 * Checks the argument of `forRootAsync()` of a module.
 *
 * @param table of what its factory gives
 * @param extras what stands beside the factory
 * @throws Error naming the key, its place and the remedy
 */
export function checkAsyncOptions(
  module: string,
  options: object,
  table: OptionTable,
  extras: OptionTable = {},
): void {
  checkOptions(
    `${module}.forRootAsync(…)`,
    options,
    { ...ASYNC_KEYS, ...extras },
    remedies(table, 'Return it from the factory.'),
  );
}

/**
 * Checks what the factory of `forRootAsync()` gave.
 *
 * @param extras what stands beside the factory
 * @throws Error naming the key, its place and the remedy
 */
export function checkFactoryResult<T extends object>(
  module: string,
  options: T,
  table: OptionKeys<NoInfer<T>>,
  extras: OptionTable = {},
): void {
  checkOptions(
    `The factory of ${module}.forRootAsync() gave …`,
    options,
    table,
    remedies(extras, 'Nest needs it earlier: give it beside the factory.'),
  );
}

function remedies(
  table: OptionTable,
  remedy: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.keys(table).map((key) => [key, remedy]));
}

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

/**
 * What stands in for the providers of a dynamic module that is imported by its
 * class: each says how it is imported. Those of `forRoot()` come later, and
 * Nest takes the last of a token.
 */
export function unconfiguredProviders(
  module: string,
  tokens: readonly InjectionToken[],
): Provider[] {
  return tokens.map((provide) => ({
    provide,
    useFactory: () => {
      throw new Error(
        `${module} is imported without its options. Write ` +
          `imports: [${module}.forRoot()], or forRootAsync().`,
      );
    },
  }));
}
