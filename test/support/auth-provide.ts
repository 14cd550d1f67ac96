import { Module, type DynamicModule, type Provider } from '@nestjs/common';

/** A module of the application that provides one thing. */
export function provide(provider: Provider): DynamicModule {
  @Module({})
  class Provided {}
  return { module: Provided, providers: [provider] };
}
