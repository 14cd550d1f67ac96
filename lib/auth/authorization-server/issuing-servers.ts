import type { HttpServer } from '@nestjs/common';
import type { ServedResources } from './served-resources.interface.js';

const servers = new WeakMap<HttpServer, Set<object>>();

/**
 * Whatever stands for an authorization server in an application: one alone has
 * the root forms of the metadata URLs, and may have the origin as its issuer.
 */
export function issuingServers(adapter: HttpServer): Set<object> {
  const known = servers.get(adapter) ?? new Set();
  servers.set(adapter, known);
  return known;
}

/**
 * Identifier of a server (RFC 8414, section 2) that none is configured for.
 *
 * @throws Error where there is no telling its public URL
 */
export function derivedIssuer(
  { resources: [resource], endpointPath }: ServedResources,
  isOnlyOne: boolean,
): string {
  if (resource === undefined) {
    throw new Error(
      'authorizationServer needs to know its public URL. Set auth.resource ' +
        'to the URL of the MCP endpoint, or authorizationServer.issuer.',
    );
  }
  const { origin } = new URL(resource);
  return isOnlyOne ? origin : `${origin}${endpointPath()}`;
}
