import type { ConfigurableModuleAsyncOptions } from '@nestjs/common';
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
