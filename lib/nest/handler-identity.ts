import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { isRoute } from './route-metadata.js';

/** Names the method that a function was made of; wrappers take metadata along. */
const METHOD = 'nestjs-mcp:method';

/**
 * Lets every handler of a route be known again where instrumentation wraps it,
 * or a constructor binds it. To be called while modules are configured, before
 * Nest builds its routes.
 */
export function nameHandlers(discovery: DiscoveryService): void {
  const scanner = new MetadataScanner();
  for (const { metatype, instance } of discovery.getControllers()) {
    const prototype = metatype?.prototype as Record<string, object> | undefined;
    const own = instance as Record<string, object | undefined> | undefined;
    for (const name of scanner.getAllMethodNames(prototype ?? null)) {
      const method = prototype?.[name];
      if (!method || !isRoute(method)) continue;
      Reflect.defineMetadata(METHOD, method, method);
      const bound = own?.[name];
      if (typeof bound === 'function' && bound !== method) {
        Reflect.defineMetadata(METHOD, method, bound);
      }
    }
  }
}

/**
 * Whether a handler that Nest runs is a method, or was made of it. Constructors
 * of request-scoped controllers bind anew for each request: what has no mark is
 * known by the name that `bind()` gives it.
 */
export function isMethod(
  handler: object,
  method: { readonly name: string },
): boolean {
  if (handler === method) return true;
  const made = Reflect.getOwnMetadata(METHOD, handler) as object | undefined;
  return made === undefined ? isBound(handler, method.name) : made === method;
}

/** Whether `bind()` made a function of one of that name. */
function isBound(handler: object, name: string): boolean {
  return (
    name !== '' && (handler as { name?: unknown }).name === `bound ${name}`
  );
}
