import type Provider from 'oidc-provider';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { OAuthStore } from '../storage/oauth.store.js';
import {
  defaultRetention,
  type Retention,
} from '../storage/provider.adapter.js';

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

  /** Keeps clients that tokens are issued to. */
  watch(
    provider: Provider,
    records: Adapter,
    onError: (error: unknown) => void,
  ): void {
    provider.on('grant.success', ({ oidc: { client } }) => {
      if (
        client &&
        !this.permanent.has(client.clientId) &&
        !client.clientId.startsWith('https://')
      ) {
        this.keep(records, client.clientId).catch(onError);
      }
    });
  }

  private async keep(records: Adapter, clientId: string): Promise<void> {
    const { usedClient } = this.settings.lifetimes;
    await this.store.set(usedKey(clientId), true, usedClient);
    const metadata = await records.find(clientId);
    if (metadata) {
      await records.upsert(clientId, metadata, usedClient);
    }
  }
}

function usedKey(clientId: string): string {
  return `client-used:${clientId}`;
}
