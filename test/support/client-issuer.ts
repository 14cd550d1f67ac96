import type { Configuration } from 'oidc-provider';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from './upstream-provider.js';

/** Credentials of the application at the issuer. */
export const CLIENT = UPSTREAM_CLIENT;

/** What tests change of the issuer as it runs. */
export interface IssuerControls {
  /** Seconds that access tokens live. */
  lifetime: number;
}

/** A real issuer that gives JWTs for the resource asked for. */
export async function startClientIssuer(
  controls: IssuerControls = { lifetime: 300 },
  { clients = [], features, ...changes }: Configuration = {},
): Promise<UpstreamServer> {
  return startUpstreamProvider(['http://127.0.0.1/unused'], {
    scopes: ['workshop:use', 'workshop:write', 'openid', 'offline_access'],
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: [],
        response_types: [],
        grant_types: ['client_credentials'],
      },
      ...clients,
    ],
    ...changes,
    features: {
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({
          scope: 'workshop:use workshop:write',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: controls.lifetime,
          jwt: { sign: { alg: 'RS256' } },
        }),
        useGrantedResource: () => true,
      },
      ...features,
    },
  });
}
