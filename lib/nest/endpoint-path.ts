import {
  RequestMethod,
  type Type,
  VERSION_NEUTRAL,
  VersioningType,
} from '@nestjs/common';
import { PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';
import { mapToExcludeRoute } from '@nestjs/core/middleware/utils.js';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import type { RouteUrl } from './route.interface.js';
import { SWAGGER_EXCLUDE_CONTROLLER } from './swagger-metadata.js';

/**
 * The headers that select the version of a URL, with lower-case names: none
 * where the URL itself carries it. Undefined for CUSTOM versioning, whose
 * extractor leads from a request to a version and not back.
 */
export function versionHeaders(
  url: RouteUrl,
  config: ApplicationConfig,
): Record<string, string> | undefined {
  const versioning = config.getVersioning();
  if (!versioning || url.version === undefined) {
    return {};
  }
  switch (versioning.type) {
    case VersioningType.URI:
      return {};
    case VersioningType.HEADER:
      return { [versioning.header.toLowerCase()]: url.version };
    case VersioningType.MEDIA_TYPE:
      return { accept: `application/json;${versioning.key}${url.version}` };
    case VersioningType.CUSTOM:
      return undefined;
  }
}

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

/** Turns a path of Express 4 into one of Express 5, as Nest does with an application's own. */
export { LegacyRouteConverter } from '@nestjs/core/router/legacy-route-converter.js';
