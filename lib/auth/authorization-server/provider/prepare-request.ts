import type { KoaContextWithOIDC } from 'oidc-provider';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { ProtectedScopes } from './protected-scopes.js';

/** The issuer and what it offers. */
interface Parts {
  readonly issuer: string;
  readonly settings: AuthorizationServerSettings;
  readonly scopes: ProtectedScopes;
}

const METADATA = '/.well-known/';

/**
 * What is done before and after the provider: its own URLs come from the
 * configured issuer, whatever the `Host` header says; clients that name no
 * scope get the default ones; the metadata tells what is offered here.
 */
export function prepareRequest({ issuer, settings, scopes }: Parts) {
  const { protocol, host } = new URL(issuer);
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    Object.defineProperties(context.request, {
      protocol: { get: () => protocol.slice(0, -1) },
      host: { get: () => host },
    });
    if (context.path === ENDPOINTS.authorize && context.method === 'GET') {
      const { query } = context;
      if (!query['scope']) {
        context.query = { ...query, scope: scopes.default.join(' ') };
      }
    }
    allowRegistrationFromBrowsers(context, settings.registration.endpoint);
    if (context.method === 'OPTIONS' && context.status === 204) {
      return;
    }
    await next();
    if (context.path.startsWith(METADATA) && context.status === 200) {
      context.body = metadata(context.body as Metadata, settings, scopes);
      context.set('Cache-Control', 'public, max-age=300');
    }
  };
}

type Metadata = Readonly<Record<string, unknown>>;

/** RFC 8414, section 2, without what only OpenID providers have. */
function metadata(
  document: Metadata,
  { revocation, registration }: AuthorizationServerSettings,
  { valid }: ProtectedScopes,
): Metadata {
  const methods = document['token_endpoint_auth_methods_supported'];
  const secretMethods = (methods as readonly string[]).filter(
    (method) => method !== 'none',
  );
  const { claims_supported: _claims, ...kept } = document;
  return {
    ...kept,
    scopes_supported: valid,
    introspection_endpoint_auth_methods_supported: secretMethods,
    ...(revocation.enabled && {
      revocation_endpoint_auth_methods_supported:
        revocation.authMethod === undefined ? methods : [revocation.authMethod],
    }),
    ...(!registration.enabled && { registration_endpoint: undefined }),
  };
}

/** The provider's own CORS asks which client it is, and here there is none yet. */
function allowRegistrationFromBrowsers(
  context: KoaContextWithOIDC,
  endpoint: string,
): void {
  if (context.path !== endpoint) {
    return;
  }
  context.set('Access-Control-Allow-Origin', '*');
  if (context.method === 'OPTIONS') {
    context.set('Access-Control-Allow-Methods', 'POST');
    context.set('Access-Control-Allow-Headers', 'Content-Type, Authorization');
    context.set('Access-Control-Max-Age', '600');
    context.status = 204;
  }
}
