import { isHttpsUrl } from '@modelcontextprotocol/client';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  hasCredentials,
  isScope,
  LONGEST_TIMEOUT,
  readSecureUrl,
  shown,
} from '../../options/option-values.js';

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
  return checkIssuance(className, grant);
}

/** As {@link checkGrant}, for clients that need no id beforehand. */
function checkIssuance(
  className: string,
  grant: Omit<GrantOptions, 'clientId'>,
): string | undefined {
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

/** Options of `AuthorizationCodeAuth`. @publicApi */
export interface AuthorizationCodeAuthOptions extends Omit<
  GrantOptions,
  'clientId' | 'tokenUrl'
> {
  /** URL of this application that browsers come back to after the login: where `controller()` is. */
  readonly redirectUri: string;
  /** Id that the authorization server gave this application. @default registered by itself, or `clientMetadataUrl` */
  readonly clientId?: string;
  /** Secret that goes with `clientId`. @default none, as a public client */
  readonly clientSecret?: string;
  /**
   * https URL of this application's metadata document, its id at authorization
   * servers that know such documents; `controller()` serves it where it has the
   * origin of `redirectUri`. Others get a registration (RFC 7591). @default none
   */
  readonly clientMetadataUrl?: string;
  /** Name that users see as they are asked to agree. @default 'nestjs-mcp' */
  readonly clientName?: string;
  /** Milliseconds that a user has to log in. @default 600000 */
  readonly loginTimeout?: number;
}

const { clientId: _id, tokenUrl: _tokenUrl, ...ISSUANCE_KEYS } = GRANT_KEYS;

const AUTHORIZATION_CODE_KEYS: OptionKeys<AuthorizationCodeAuthOptions> = {
  ...ISSUANCE_KEYS,
  redirectUri: 'name',
  clientId: 'name',
  clientSecret: 'name',
  clientMetadataUrl: 'name',
  clientName: 'name',
  loginTimeout: true,
};

/**
 * @returns the scopes as requests have them; undefined for none
 * @throws Error naming the option, its value and the remedy
 */
export function checkLogin(
  options: AuthorizationCodeAuthOptions,
): string | undefined {
  checkOptions(
    'new AuthorizationCodeAuth(…)',
    options,
    AUTHORIZATION_CODE_KEYS,
  );
  const scope = checkIssuance('AuthorizationCodeAuth', options);
  const fail = (option: string, value: unknown, remedy: string): never => {
    throw new Error(
      `AuthorizationCodeAuth: ${option} is ${shown(value)}. ${remedy}`,
    );
  };
  const { redirectUri, clientId, clientSecret, clientMetadataUrl } = options;
  if (
    !readSecureUrl(redirectUri) ||
    hasCredentials(redirectUri) ||
    /[?#]/.test(redirectUri)
  ) {
    fail(
      'redirectUri',
      redirectUri,
      'Write an absolute https URL of this application, without query and fragment.',
    );
  }
  if (clientSecret !== undefined && clientId === undefined) {
    throw new Error(
      'AuthorizationCodeAuth has clientSecret without clientId. Give both, or neither to have the application registered.',
    );
  }
  if (clientMetadataUrl !== undefined) {
    if (clientId !== undefined) {
      throw new Error(
        'AuthorizationCodeAuth has clientId and clientMetadataUrl. Give one of them.',
      );
    }
    if (!isHttpsUrl(clientMetadataUrl)) {
      fail(
        'clientMetadataUrl',
        clientMetadataUrl,
        'Write an https URL with a path.',
      );
    }
  }
  const { loginTimeout = 1 } = options;
  if (
    !Number.isInteger(loginTimeout) ||
    loginTimeout < 1 ||
    loginTimeout > LONGEST_TIMEOUT
  ) {
    fail(
      'loginTimeout',
      loginTimeout,
      `Write a whole number from 1 to ${LONGEST_TIMEOUT}.`,
    );
  }
  return scope;
}
