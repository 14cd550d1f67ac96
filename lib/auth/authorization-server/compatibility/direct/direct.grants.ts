import { createHash } from 'node:crypto';
import type { OAuthStore } from '../../storage/oauth.store.js';

/** Seconds in which a login at the provider may come to its end. */
const LOGIN_LIFETIME = 3600;

/** A login that a client was sent to the provider for. */
export interface DirectLogin {
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
  constructor(
    private readonly store: OAuthStore,
    /** Seconds for which the owner of a refresh token is known, since its last use. */
    private readonly lifetime: number,
  ) {}

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
    const owner = await this.store.get(refreshKey(refreshToken));
    return owner === clientId;
  }

  /** @param replaced token that this one came for */
  async keep(
    clientId: string,
    refreshToken: string,
    replaced?: string,
  ): Promise<void> {
    const key = refreshKey(refreshToken);
    await this.store.set(key, clientId, this.lifetime);
    if (replaced !== undefined && replaced !== refreshToken) {
      await this.store.delete(refreshKey(replaced));
    }
  }
}

function loginKey(clientId: string, challenge: string): string {
  return `direct:login:${clientId}:${challenge}`;
}

function refreshKey(refreshToken: string): string {
  return `direct:refresh:${hashOf(refreshToken)}`;
}

/** For a verifier, its S256 challenge (RFC 7636, section 4.2). */
function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
