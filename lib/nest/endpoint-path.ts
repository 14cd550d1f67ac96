import { RequestMethod, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import { SWAGGER_EXCLUDE_CONTROLLER } from './swagger-metadata.js';

/**
 * Keeps a controller out of the application's OpenAPI document, which most
 * applications make before `configure()` has run.
 */
export function hideFromSwagger(controller: Type<unknown>): void {
  Reflect.defineMetadata(SWAGGER_EXCLUDE_CONTROLLER, [true], controller);
}

/**
 * Gives a controller its paths when they are known, which must be in `configure()`:
 * Nest reads the metadata later, when it registers routes. Returns the full
 * paths, global prefix included. The controller is version-neutral.
 */
export function placeController(
  controller: Type<unknown>,
  paths: readonly string[],
  config: ApplicationConfig,
  useGlobalPrefix: boolean,
): string[] {
  Reflect.defineMetadata(PATH_METADATA, [...paths], controller);
  Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, controller);
  if (!useGlobalPrefix) {
    const options = config.getGlobalPrefixOptions();
    config.setGlobalPrefixOptions({
      ...options,
      exclude: [...(options.exclude ?? []), ...mapToExcludeRoute([...paths])],
    });
  }
  const prefix = config.getGlobalPrefix();
  const factory = new RoutePathFactory(config);
  return paths.map((path) => {
    const [full = path] = factory.create(
      {
        ctrlPath: path,
        methodPath: '/',
        globalPrefix: prefix && `/${prefix.replace(/^\/+|(?<!\/)\/+$/g, '')}`,
      },
      RequestMethod.ALL,
    );
    return full;
  });
}
