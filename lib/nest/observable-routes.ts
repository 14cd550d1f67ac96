import type { NestInterceptor } from '@nestjs/common';
import {
  INTERCEPTORS_METADATA,
  SSE_METADATA,
} from '@nestjs/common/constants.js';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { isRoute } from './route-metadata.js';

const RETURN_TYPE = 'design:returntype';

/**
 * Puts an interceptor on every route that declares to return an Observable, as
 * what it emits before the last value is nowhere to be seen later. (The events
 * of an `@Sse()` route are: in its response.) To be called
 * while modules are configured, before Nest builds its routes; a route that has
 * the interceptor keeps the one.
 */
export function interceptObservableRoutes(
  discovery: DiscoveryService,
  interceptor: NestInterceptor,
): void {
  const scanner = new MetadataScanner();
  for (const { metatype } of discovery.getControllers()) {
    const prototype = metatype?.prototype as Record<string, object> | undefined;
    for (const name of scanner.getAllMethodNames(prototype ?? null)) {
      const handler = prototype?.[name];
      if (
        handler &&
        isRoute(handler) &&
        !Reflect.hasMetadata(SSE_METADATA, handler) &&
        returnsObservable(prototype, name)
      ) {
        addInterceptor(handler, interceptor);
      }
    }
  }
}

/** By name, as the application's copy of rxjs may be another. */
function returnsObservable(prototype: object, methodName: string): boolean {
  const type = Reflect.getMetadata(RETURN_TYPE, prototype, methodName) as
    { readonly name?: string } | undefined;
  return type?.name === 'Observable';
}

function addInterceptor(handler: object, interceptor: NestInterceptor): void {
  const present = (Reflect.getMetadata(INTERCEPTORS_METADATA, handler) ??
    []) as unknown[];
  if (
    !present.some((other) => other?.constructor === interceptor.constructor)
  ) {
    Reflect.defineMetadata(
      INTERCEPTORS_METADATA,
      [interceptor, ...present],
      handler,
    );
  }
}
