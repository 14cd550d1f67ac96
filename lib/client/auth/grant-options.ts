import type { OptionKeys } from '../../options/option-keys.js';
import { isScope, readSecureUrl, shown } from '../../options/option-values.js';

/** What every class has that gets tokens of an authorization server. @publicApi */
export interface GrantOptions {
  /** Id of this application at the authorization server. */
  readonly clientId: string;
  /**
   * Issuer that the credentials belong to: they are sent to no other.
   * @default the first that the server names, which is then held to
   */
  readonly issuer?: string;
  /** Token endpoint. @default that of the issuer's metadata */
  readonly tokenUrl?: string;
  /** Scopes to ask for. @default those that the server asks for */
  readonly scope?: readonly string[] | string;
  /** Resource to ask a token for (RFC 8707). @default as the server names itself, or its URL */
  readonly resource?: string;
  /** Whether tokens are bound to a key of this process (RFC 9449). @default false */
  readonly dpop?: boolean;
  /** Whether hosts that the server names may be at private addresses. @default false, true where the server is on this machine */
  readonly allowPrivateHosts?: boolean;
}

export const GRANT_KEYS: OptionKeys<GrantOptions> = {
  clientId: 'name',
  issuer: 'name',
  tokenUrl: 'name',
  scope: true,
  resource: 'name',
  dpop: 'flag',
  allowPrivateHosts: 'flag',
};

/**
 * @returns the scopes as requests have them; undefined for none
 * @throws Error naming the option, its value and the remedy
 */
export function checkGrant(
  className: string,
  grant: GrantOptions,
): string | undefined {
  if (typeof grant.clientId !== 'string' || grant.clientId === '') {
    throw new Error(
      `${className}: clientId is ${shown(grant.clientId)}. Write the id that the authorization server gave this application.`,
    );
  }
  for (const option of ['issuer', 'tokenUrl', 'resource'] as const) {
    const value = grant[option];
    if (value !== undefined && !readSecureUrl(value)) {
      throw new Error(
        `${className}: ${option} is ${shown(value)}. Write an absolute https URL.`,
      );
    }
  }
  const scopes = [grant.scope ?? []]
    .flat()
    .flatMap((scope) => String(scope).split(' '));
  const wrong = scopes.find((scope) => !isScope(scope));
  if (wrong !== undefined) {
    throw new Error(
      `${className}: scope has ${shown(wrong)}, which is no scope. Write names without spaces and quotes.`,
    );
  }
  return scopes.length > 0 ? scopes.join(' ') : undefined;
}
