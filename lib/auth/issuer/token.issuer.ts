import type { AccessToken } from '../token/access-token.js';
import type { TokenVerifier } from '../verifiers/token-verifier.js';
import type { OAuthClients } from './oauth-clients.js';
import type { UpstreamTokens } from './upstream-tokens.js';

/**
 * What issues tokens within the application, for one server: an authorization
 * server of its own, or what stands in front of one elsewhere. This class is
 * the contract, and issues nothing.
 *
 * @publicApi
 */
export abstract class TokenIssuer {
  /** Issuers that clients are sent to; undefined where tokens come from elsewhere. */
  get issuers(): readonly string[] | undefined {
    return undefined;
  }

  /** Judges the tokens that are issued here; undefined where others issue them. */
  readonly verifier: TokenVerifier | undefined = undefined;

  /** Tokens of the identity provider that people log in at; undefined where there is none. */
  readonly upstreamTokens: UpstreamTokens | undefined = undefined;

  /** Clients that are registered here; undefined where there is no registration. */
  readonly clients: OAuthClients | undefined = undefined;

  /**
   * Whether a server that verifies no tokens, and has no guards, is meant to be
   * open. Where it is not, such a server stops the application.
   */
  get permitsOpenServer(): boolean {
    return false;
  }

  /**
   * Called where a token lacked a scope: its client may be asking for more.
   *
   * @param token that this issuer may have issued
   */
  noteStepUp(token: AccessToken): void {
    void token;
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {}

  /** @throws Error where an option, a key, the storage or the provider cannot be */
  prepare(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Called where no tokens are verified.
   *
   * @param isGuarded whether guards of the application decide on callers
   * @throws Error where metadata promises a login that nobody asks for
   */
  checkGuards(isGuarded: boolean): void {
    void isGuarded;
  }

  /**
   * `Authorization` that a tool's route is called with, in place of the
   * caller's; undefined where it is the caller's own.
   *
   * @throws InvalidTokenError where the person has to log in again
   * @throws UpstreamUnavailableError where the identity provider cannot be reached
   */
  forwardedAuthorization(
    token: AccessToken | null,
  ): Promise<string> | undefined {
    void token;
    return undefined;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Stands for a server whose tokens come from elsewhere. */
export class NoTokenIssuer extends TokenIssuer {}
