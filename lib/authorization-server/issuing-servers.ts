import type { HttpAdapterHost } from '@nestjs/core';
import type { ServedResources } from '../auth/issuer/authorization-server-options.interface.js';

const servers = new WeakMap<HttpAdapterHost, Set<object>>();

/**
 * Whatever stands for an authorization server in an application: one alone has
 * the root forms of the metadata URLs, and may have the origin as its issuer.
 *
 * @param host of the application: there before its adapter, and where there is none
 */
export function issuingServers(host: HttpAdapterHost): Set<object> {
  const known = servers.get(host) ?? new Set();
  servers.set(host, known);
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
