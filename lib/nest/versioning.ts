import { VersioningType } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { RouteUrl } from './route.interface.js';

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
