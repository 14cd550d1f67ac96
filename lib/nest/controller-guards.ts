import { type Type } from '@nestjs/common';
import { GUARDS_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';

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
    config.getGlobalGuards().length > 0 ||
    config.getGlobalRequestGuards().length > 0
  );
}

/** Class names of the guards that stand before every controller. */
export function globalGuardNames(config: ApplicationConfig): string[] {
  const guards = [
    ...config.getGlobalGuards().map(({ constructor }) => constructor),
    ...config.getGlobalRequestGuards().map(({ metatype }) => metatype),
  ];
  return [...new Set(guards.map((guard) => guard?.name || 'a guard'))];
}
