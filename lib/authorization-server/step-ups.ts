import type { AccessToken } from '../auth/token/access-token.js';
import { GRANT_CLAIM } from './own-token.verifier.js';
import type { OAuthStore } from '../auth/issuer/oauth.store.js';
import { stepUpKey } from './storage/sealed-value.js';
import { loadOidcProvider } from '../platform/optional-packages.js';

/** Seconds within which a client acts on a challenge. */
const LIFETIME = 30;

/** Seconds before its end at which a token is renewed for that reason. */
const RENEWAL = 60;

/**
 * Grants whose client was told a moment ago to get more scopes. Clients on
 * version 1 of the TypeScript SDK refresh then, which gives the same scopes
 * again, and give up; they ask the person where the refresh fails with an error
 * that they do not know. `interaction_required` is the word for it elsewhere
 * (OpenID Connect Core, section 3.1.2.6): the refresh token stays good, and the
 * next try is answered.
 */
export class StepUps {
  constructor(private readonly store: () => OAuthStore | undefined) {}

  /**
   * Keeps in mind that a token lacked a scope. Only who has a token of a grant
   * can have that noted, and nothing is noted of a token that is about to be
   * renewed anyway.
   */
  note({ claims, expiresAt }: AccessToken): void {
    const grantId = claims[GRANT_CLAIM];
    const left = ((expiresAt?.getTime() ?? 0) - Date.now()) / 1000 - RENEWAL;
    if (typeof grantId !== 'string' || left < 1) {
      return;
    }
    // The client needs longer for its refresh than the store for this. Without
    // the note, the refresh is answered as any other.
    this.store()
      ?.set(stepUpKey(grantId), true, Math.min(left, LIFETIME), 'pending')
      .catch(() => undefined);
  }

  /**
   * To be asked before a refresh token is used up.
   *
   * @throws InteractionRequired once for each note
   */
  async check(grantId: string): Promise<void> {
    if ((await this.store()?.take(stepUpKey(grantId))) === undefined) {
      return;
    }
    const { errors } = await loadOidcProvider();
    throw new errors.CustomOIDCProviderError(
      'interaction_required',
      'A scope that was just asked for needs the agreement of the person: ' +
        'begin a new authorization. The refresh token is still good.',
    );
  }
}
