import type { InjectionToken, Provider } from '@nestjs/common';

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
