import type Provider from 'oidc-provider';
import type { Adapter } from 'oidc-provider';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { OAuthStore } from '../storage/oauth.store.js';

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

  /** Seconds to keep a record, which the provider would keep for `expiresIn`. */
  async of(
    kind: string,
    { client_id: clientId }: { readonly client_id?: unknown },
    expiresIn: number,
  ): Promise<number | undefined> {
    if (kind !== 'Client') {
      return expiresIn;
    }
    const isUsed = await this.store.get(usedKey(String(clientId)));
    const { usedClient, unusedClient } = this.settings.lifetimes;
    return isUsed === undefined ? unusedClient : usedClient;
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
