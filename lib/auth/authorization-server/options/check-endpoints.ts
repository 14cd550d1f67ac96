import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { AuthorizationServerSettings } from './authorization-server.settings.js';

const PATH = /^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9._~-]+)+$/;

/** @throws Error naming the option, its value and the remedy */
export function checkEndpoints({
  options: { metadataPath },
  registration,
  revocation,
}: AuthorizationServerSettings): void {
  const taken = new Map<string, string>(
    Object.entries(ENDPOINTS).map(([name, path]) => [path, `the ${name} path`]),
  );
  for (const [name, path] of [
    ['registration.endpoint', registration.endpoint],
    ['revocation.endpoint', revocation.endpoint],
    ['metadataPath', metadataPath],
  ] as const) {
    if (path === undefined) {
      continue;
    }
    if (typeof path !== 'string' || !PATH.test(path)) {
      throw new Error(
        `authorizationServer.${name} is "${String(path)}". Write a path such ` +
          'as "/oauth/register".',
      );
    }
    const other = taken.get(path);
    if (other !== undefined) {
      throw new Error(
        `authorizationServer.${name} is "${path}", which is ${other} already. ` +
          'Choose another path.',
      );
    }
    taken.set(path, name);
  }
}
