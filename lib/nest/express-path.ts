import { LegacyRouteConverter } from '@nestjs/core/router/legacy-route-converter.js';

/** A path as Nest registers it on Express: `/files/*` is `/files/{*path}` there. */
export function expressPath(path: string): string {
  return LegacyRouteConverter.tryConvert(path, { logs: false });
}

/** What two paths have in common that Express cannot tell apart: it minds neither case nor a slash at the end. */
export function comparablePath(path: string): string {
  return path.toLowerCase().replace(/(?<=.)\/$/, '');
}
