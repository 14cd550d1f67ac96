import type { CanActivate, Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import {
  type ApplicationConfig,
  type DiscoveryService,
  MetadataScanner,
} from '@nestjs/core';
import { isRoute } from './route-metadata.js';

// Guards that run outside of Nest's own router need a context of its kind.
export { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';

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

/** Guards that ask nothing of a caller. */
const checks = new WeakSet<object>();

/**
 * Puts a check before the guards of every route: before those of the application,
 * which come before all others. To be called while modules are configured, as
 * Nest reads the list when it builds its routes; the same check is there once.
 *
 * @throws Error where Nest gives away a copy of its list
 */
export function putCheckFirst(
  config: ApplicationConfig,
  check: CanActivate,
): void {
  if (config.getGlobalGuards().includes(check)) return;
  checks.add(check);
  config.getGlobalGuards().unshift(check);
  if (config.getGlobalGuards()[0] !== check) {
    throw new Error(
      'This version of @nestjs/core does not let McpModule check which route a tool call runs. ' +
        'Use one that is in its peerDependencies.',
    );
  }
}

/** Whether guards stand before a controller, of its own or of the whole application. */
export function hasGuards(
  controller: Type<unknown>,
  config: ApplicationConfig,
  except: Type<unknown>,
): boolean {
  const own = (Reflect.getMetadata(GUARDS_METADATA, controller) ??
    []) as readonly unknown[];
  return (
    own.some((guard) => guard !== except) ||
    applicationGuards(config).length > 0 ||
    config.getGlobalRequestGuards().length > 0
  );
}

/** Class names of the guards that stand before every controller. */
export function globalGuardNames(config: ApplicationConfig): string[] {
  const guards = [
    ...applicationGuards(config).map(({ constructor }) => constructor),
    ...config.getGlobalRequestGuards().map(({ metatype }) => metatype),
  ];
  return [...new Set(guards.map((guard) => guard?.name || 'a guard'))];
}

/** Global guards, without our checks. */
function applicationGuards(config: ApplicationConfig): CanActivate[] {
  return config.getGlobalGuards().filter((guard) => !checks.has(guard));
}
