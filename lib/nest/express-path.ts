import { LegacyRouteConverter } from '@nestjs/core/router/legacy-route-converter.js';

/** A path as Nest registers it on Express: `/files/*` is `/files/{*path}` there. */
export function expressPath(path: string): string {
  return LegacyRouteConverter.tryConvert(path, { logs: false });
}
