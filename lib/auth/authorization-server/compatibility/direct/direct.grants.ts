import { createHash } from 'node:crypto';
import type { OAuthStore } from '../../storage/oauth.store.js';
import {
  type ClaimOutcome,
  RefreshAnswers,
  type RefreshClaim,
} from '../../storage/refresh.answers.js';

/** Seconds in which a login at the provider may come to its end. */
const LOGIN_LIFETIME = 3600;

/** Milliseconds that requests with one refresh token wait for the provider's answer. */
const PATIENCE = 15_000;

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
