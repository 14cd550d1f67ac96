import type { CanActivate, Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';

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

function applicationGuards(config: ApplicationConfig): CanActivate[] {
  return config.getGlobalGuards().filter((guard) => !checks.has(guard));
}
