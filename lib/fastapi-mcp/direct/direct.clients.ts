import { createHash } from 'node:crypto';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { IssuerMetadata } from '../../auth/verifiers/discovery/discover-issuer.js';
import type { AuthorizationServerSettings } from '../../authorization-server/authorization-server-settings.interface.js';
import {
  type ClaimOutcome,
  RefreshAnswers,
  type RefreshClaim,
} from '../../authorization-server/storage/refresh.answers.js';
import type { ProxiedProvider } from '../auth-config.settings.js';

/** A client that has registered: a public one, always. */
interface DirectClient {
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

/** Seconds in which a login at the provider may come to its end. */
const LOGIN_LIFETIME = 3600;

/** Milliseconds that requests with one refresh token wait for the provider's answer. */
const PATIENCE = 15_000;

/** A login that a client was sent to the provider for. */
interface DirectLogin {
  readonly redirectUri: string;
  /** What the token is to be for (RFC 8707), as it was sent on. */
  readonly resource: readonly string[];
}

/**
 * Which client a code or a refresh token belongs to. For the provider they all
 * belong to one. Codes never come here before they are redeemed, so it is the
 * PKCE challenge that ties one to its client; of refresh tokens a hash is kept.
 */
export class DirectGrants {
  private readonly refreshes: RefreshAnswers;

  constructor(
    private readonly store: OAuthStore,
    /** Seconds for which the owner of a refresh token is known, since its last use. */
    private readonly lifetime: number,
    /** Seconds for which the answer to a refresh is repeated. */
    private readonly reuseSeconds: number,
  ) {
    this.refreshes = new RefreshAnswers(
      store,
      'direct:refresh',
      reuseSeconds,
      PATIENCE,
    );
  }

  async begin(
    clientId: string,
    challenge: string,
    login: DirectLogin,
  ): Promise<void> {
    const key = loginKey(clientId, challenge);
    await this.store.set(key, login, LOGIN_LIFETIME, 'pending');
  }

  /** The login that this client began, with the challenge of this verifier. */
  async find(
    clientId: string,
    verifier: string,
  ): Promise<DirectLogin | undefined> {
    const key = loginKey(clientId, hashOf(verifier));
    return (await this.store.get(key)) as DirectLogin | undefined;
  }

  /** A code was redeemed: there will be no other. */
  async end(clientId: string, verifier: string): Promise<void> {
    await this.store.delete(loginKey(clientId, hashOf(verifier)));
  }

  async owns(clientId: string, refreshToken: string): Promise<boolean> {
    const record = await this.refreshes.find(refreshToken);
    return record?.['clientId'] === clientId;
  }

  async keep(clientId: string, refreshToken: string): Promise<void> {
    await this.refreshes.open(refreshToken, { clientId }, this.lifetime);
  }

  /** The right to ask the provider for what a refresh token is good for, or what it has answered. */
  claim(refreshToken: string): Promise<ClaimOutcome> {
    return this.refreshes.claim(refreshToken);
  }

  /** Keeps the provider's answer, for those who bring the token again in a moment. */
  commit(claim: RefreshClaim, answer: unknown): Promise<void> {
    return this.refreshes.commit(claim, answer, this.reuseSeconds + 1);
  }

  async giveBack(claim: RefreshClaim): Promise<void> {
    await this.refreshes.giveBack(claim);
  }
}

function loginKey(clientId: string, challenge: string): string {
  return `direct:login:${clientId}:${challenge}`;
}

/** For a verifier, its S256 challenge (RFC 7636, section 4.2). */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** What the endpoints in front of a provider share. */
export interface DirectDependencies {
  readonly provider: ProxiedProvider;
  readonly settings: AuthorizationServerSettings;
  readonly clients: DirectClients;
  readonly grants: DirectGrants;
  /** URLs that tokens may be asked for (RFC 8707). */
  readonly resources: readonly string[];
  /** The provider's metadata; throws where there is none that can be used. */
  readonly metadata: () => Promise<IssuerMetadata>;
}
