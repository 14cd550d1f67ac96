import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';

/** One route of the adapter. */
export interface ServerRoute {
  readonly path: string;
  /** The URL that it stands for, under the issuer's path; its own where left out. */
  readonly url?: string;
}

const OAUTH = '/.well-known/oauth-authorization-server';
const OPENID = '/.well-known/openid-configuration';

/** Paths of the endpoints, under the issuer's own. */
export const ENDPOINTS = {
  authorize: '/oauth/authorize',
  token: '/oauth/token',
  introspect: '/oauth/introspect',
  jwks: '/oauth/jwks',
  interaction: '/oauth/interaction',
  callback: '/oauth/callback',
} as const;

/**
 * Every route of one server: its endpoints, and its metadata at the path forms
 * (RFC 8414, section 3.1, and OpenID Connect Discovery) and, for the only
 * server of an application, at the root forms.
 */
export function serverRoutes(
  { options, registration, revocation }: AuthorizationServerSettings,
  basePath: string,
  isOnlyOne: boolean,
): readonly ServerRoute[] {
  const endpoints = [
    ENDPOINTS.authorize,
    `${ENDPOINTS.authorize}/:uid`,
    ENDPOINTS.token,
    ENDPOINTS.introspect,
    ENDPOINTS.jwks,
    `${ENDPOINTS.interaction}/:uid`,
    ENDPOINTS.callback,
    ...(registration.enabled ? [registration.endpoint] : []),
    ...(revocation.enabled ? [revocation.endpoint] : []),
  ].map((path) => ({ path: `${basePath}${path}` }));
  const metadata = [
    { path: `${OAUTH}${basePath}`, url: OAUTH },
    { path: `${OPENID}${basePath}`, url: OPENID },
    { path: `${basePath}${OPENID}`, url: OPENID },
    ...(isOnlyOne
      ? [
          { path: OAUTH, url: OAUTH },
          { path: OPENID, url: OPENID },
        ]
      : []),
    ...(options.metadataPath === undefined
      ? []
      : [{ path: options.metadataPath, url: OAUTH }]),
  ];
  return [
    ...new Map(
      [...endpoints, ...metadata].map((route) => [route.path, route]),
    ).values(),
  ];
}
