import { createHash } from 'node:crypto';
import type { AuthorizationServerSettings } from '../../options/authorization-server.settings.js';
import type { OAuthStore } from '../../storage/oauth.store.js';

/** A client that has registered: a public one, always. */
export interface DirectClient {
  readonly name: string;
  /** Compared letter for letter. */
  readonly redirectUris: readonly string[];
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Whether tokens were ever handed to it. */
  readonly isUsed: boolean;
}

/** Clients, kept for a day unless somebody logs in with them. */
export class DirectClients {
  constructor(
    private readonly store: OAuthStore,
    private readonly lifetimes: AuthorizationServerSettings['lifetimes'],
  ) {}

  /** The same client gets the same id, however often it registers. */
  async register(
    name: string,
    redirectUris: readonly string[],
  ): Promise<readonly [string, DirectClient]> {
    const id = idOf(name, redirectUris);
    const client = (await this.find(id)) ?? {
      name,
      redirectUris,
      issuedAt: Math.floor(Date.now() / 1000),
      isUsed: false,
    };
    await this.keep(id, client);
    return [id, client];
  }

  /** Whether this very client has registered before. */
  async isKnown(
    name: string,
    redirectUris: readonly string[],
  ): Promise<boolean> {
    return (await this.find(idOf(name, redirectUris))) !== undefined;
  }

  async find(id: string | undefined): Promise<DirectClient | undefined> {
    return id === undefined
      ? undefined
      : ((await this.store.get(`direct:client:${id}`)) as
          DirectClient | undefined);
  }

  /** Keeps a client that tokens were handed to. */
  async use(id: string, client: DirectClient): Promise<void> {
    await this.keep(id, { ...client, isUsed: true });
  }

  private async keep(id: string, client: DirectClient): Promise<void> {
    const { usedClient, unusedClient } = this.lifetimes;
    const [lifetime, rank] = client.isUsed
      ? ([usedClient, 'issued'] as const)
      : ([unusedClient, 'unused'] as const);
    await this.store.set(`direct:client:${id}`, client, lifetime, rank);
  }
}

function idOf(name: string, redirectUris: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([name, [...redirectUris].sort()]))
    .digest('base64url');
}
