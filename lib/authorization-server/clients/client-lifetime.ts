import type Provider from 'oidc-provider';
import type {
  Adapter,
  AdapterPayload,
  KoaContextWithOIDC,
} from 'oidc-provider';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import {
  defaultRetention,
  type Retention,
} from '../storage/provider.adapter.js';
import { presentedClient, type PresentedClient } from './presented-client.js';

/**
 * How long registered clients are kept: a day, unless somebody logs in with
 * them. So what is registered in vain does not pile up.
 */
export class ClientLifetime {
  private readonly permanent: ReadonlySet<string>;

  constructor(
    private readonly settings: AuthorizationServerSettings,
    private readonly store: OAuthStore,
  ) {
    this.permanent = new Set(
      (settings.options.clients ?? []).map(({ clientId }) => clientId),
    );
  }

  /** How to keep a record, which the provider would keep for `expiresIn` seconds. */
  async of(
    kind: string,
    payload: AdapterPayload,
    expiresIn: number,
  ): Promise<Retention> {
    if (kind !== 'Client') {
      return defaultRetention(kind, payload, expiresIn);
    }
    const isUsed = await this.store.get(usedKey(String(payload.client_id)));
    const { usedClient, unusedClient } = this.settings.lifetimes;
    return isUsed === undefined
      ? { lifetime: unusedClient, rank: 'unused' }
      : { lifetime: usedClient, rank: 'issued' };
  }

  /**
   * Keeps clients that tokens are issued to, before their answer is sent: a
   * client that has a token must still be known when it comes with it.
   */
  middleware(
    records: Adapter,
    onError: (error: unknown) => void,
  ): (
    context: KoaContextWithOIDC,
    next: () => Promise<unknown>,
  ) => Promise<void> {
    return async (context, next) => {
      await next();
      const { route, client } = context.oidc ?? {};
      if (
        route === 'token' &&
        context.status === 200 &&
        client &&
        !this.permanent.has(client.clientId) &&
        !client.clientId.startsWith('https://')
      ) {
        await this.keep(records, client.clientId).catch(onError);
      }
    };
  }

  private async keep(records: Adapter, clientId: string): Promise<void> {
    const { usedClient } = this.settings.lifetimes;
    await noteUse(this.store, clientId, usedClient);
    const metadata = await records.find(clientId);
    if (metadata) {
      await records.upsert(clientId, metadata, usedClient);
    }
  }
}

/** Has a client kept for a number of seconds, instead of a day. */
export function noteUse(
  store: OAuthStore,
  clientId: string,
  lifetime: number,
): Promise<void> {
  return store.set(usedKey(clientId), true, lifetime);
}

export function forgetUse(store: OAuthStore, clientId: string): Promise<void> {
  return store.delete(usedKey(clientId));
}

function usedKey(clientId: string): string {
  return `client-used:${clientId}`;
}

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
