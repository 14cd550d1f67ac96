import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import { presentedClient, type PresentedClient } from './presented-client.js';

const SECRET_METHODS: readonly string[] = [
  'client_secret_basic',
  'client_secret_post',
];

/**
 * Holds clients to the way of identifying themselves that they are registered
 * with, and at the revocation endpoint to `revocation.authMethod`. The provider
 * alone would take a secret in the header for one in the form, and the reverse.
 */
export function enforceClientMethods(
  provider: Provider,
  { revocation }: AuthorizationServerSettings,
) {
  const paths = [ENDPOINTS.token, ENDPOINTS.introspect, revocation.endpoint];
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    if (context.method !== 'POST' || !paths.includes(context.path)) {
      return next();
    }
    const presented = presentedClient(context.req);
    const demanded =
      context.path === revocation.endpoint ? revocation.authMethod : undefined;
    if (
      presented.isContradictory ||
      (demanded !== undefined && presented.method !== demanded) ||
      (await isRegisteredOtherwise(provider, presented))
    ) {
      refuse(context, provider.issuer);
      return;
    }
    return next();
  };
}

async function isRegisteredOtherwise(
  provider: Provider,
  { method, clientId }: PresentedClient,
): Promise<boolean> {
  // Only clients that have a secret are looked up: documents are fetched by the provider.
  if (
    !SECRET_METHODS.includes(method) ||
    clientId === undefined ||
    clientId.startsWith('https:')
  ) {
    return false;
  }
  try {
    const client = await provider.Client.find(clientId);
    return client !== undefined && client.clientAuthMethod !== method;
  } catch {
    // The provider meets the same error, and tells the client.
    return false;
  }
}

/** RFC 6749, section 5.2. */
function refuse(context: KoaContextWithOIDC, issuer: string): void {
  context.status = 401;
  context.set('Cache-Control', 'no-store');
  context.set('Access-Control-Allow-Origin', '*');
  if (context.headers.authorization !== undefined) {
    context.set('WWW-Authenticate', `Basic realm="${issuer}"`);
  }
  context.body = {
    error: 'invalid_client',
    error_description: 'client authentication failed',
  };
}
