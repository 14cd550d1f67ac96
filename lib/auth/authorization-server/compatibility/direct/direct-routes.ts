import { ENDPOINTS, type ServerRoute } from '../../endpoints/server-routes.js';
import type { AuthorizationServerSettings } from '../../options/authorization-server.settings.js';

/** Path of the metadata, and what every route to it stands for (RFC 8414, section 3). */
export const METADATA = '/.well-known/oauth-authorization-server';

/** Every route in front of a provider; that of OpenID metadata is not among them, as there are no ID tokens. */
export function directRoutes(
  { options, registration }: AuthorizationServerSettings,
  basePath: string,
  isOnlyOne: boolean,
): readonly ServerRoute[] {
  const metadata = [
    `${METADATA}${basePath}`,
    ...(isOnlyOne ? [METADATA] : []),
    ...(options.metadataPath === undefined ? [] : [options.metadataPath]),
  ];
  return [
    ...[ENDPOINTS.authorize, ENDPOINTS.token, registration.endpoint].map(
      (path) => ({ path: `${basePath}${path}` }),
    ),
    ...[...new Set(metadata)].map((path) => ({ path, url: METADATA })),
  ];
}
