import { createHash } from 'node:crypto';
import type { LoggedIn } from '../../auth/issuer/login.service.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';
import type { Sealer } from '../../secrets/sealer.js';

/** The identity provider of one authorization server, and where its records are kept. */
export interface UpstreamSource {
  /** Issuer of the authorization server: keeps servers apart that share a store. */
  readonly issuer: string;
  readonly provider: UpstreamProvider;
  readonly store: OAuthStore;
  readonly sealer: Sealer;
  /** Seconds for which tokens are kept since they were issued or renewed. */
  readonly tokenLifetime: number;
}

/** Key of a record in the store. Only a hash of the id is written. */
export function upstreamKey(
  { issuer }: UpstreamSource,
  kind: 'login' | 'tokens',
  id: string,
): string {
  const hash = createHash('sha256').update(JSON.stringify([issuer, id]));
  return `upstream:${kind}:${hash.digest('base64url')}`;
}

/** One login at the provider, made of secrets that only this server and it know. */
export interface UpstreamLeg {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

/** The identity provider, as the login needs it. */
export abstract class UpstreamProvider {
  /** Name that people are shown. */
  abstract readonly name: string;

  /**
   * Finds the provider.
   *
   * @throws Error where it cannot work as it is configured; an outage is none
   */
  abstract prepare(): Promise<void>;

  /**
   * Where the browser goes to log in.
   *
   * @throws UpstreamUnavailableError
   */
  abstract authorizationUrl(leg: UpstreamLeg): Promise<URL>;

  /**
   * Redeems the code that the browser brought back, with `state`, `nonce`,
   * `iss` and PKCE checked.
   *
   * @throws UpstreamRefusedError, UpstreamUnavailableError
   */
  abstract redeem(
    callback: URL,
    leg: UpstreamLeg,
  ): Promise<{ readonly person: LoggedIn; readonly tokens: UpstreamTokenSet }>;

  /**
   * Renews tokens of a person; a refresh token that is not replaced stays.
   *
   * @throws UpstreamRefusedError, UpstreamUnavailableError
   */
  abstract refresh(
    tokens: UpstreamTokenSet,
    subject: string,
  ): Promise<UpstreamTokenSet>;
}

/**
 * The provider said no, or its answer was not to be trusted. The message is for
 * the log alone; it holds nothing secret.
 *
 * @publicApi
 */
export class UpstreamRefusedError extends Error {
  override readonly name = 'UpstreamRefusedError';

  /** @param code OAuth error code of the provider's answer; undefined where it had none */
  constructor(
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

/**
 * The provider gave no usable answer, be it down or be it that this server is
 * not set up there as it is configured here. The message is for the log alone;
 * it holds nothing secret.
 *
 * @publicApi
 */
export class UpstreamUnavailableError extends Error {
  override readonly name = 'UpstreamUnavailableError';
  /** OAuth error code of the provider's answer; undefined where it had none. */
  readonly code: string | undefined;

  constructor(
    message: string,
    { code, ...options }: ErrorOptions & { readonly code?: string } = {},
  ) {
    super(message, options);
    this.code = code;
  }
}
