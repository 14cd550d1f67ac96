import type { OptionKeys } from '../../options/option-keys.js';

/**
 * Clients that are known by a document at an `https` URL of their own, which is
 * their `client_id`: OAuth Client ID Metadata Documents.
 *
 * @publicApi
 */
export interface ClientIdMetadataOptions {
  /**
   * Fetches the documents, and the keys that they name, such as through a proxy;
   * it then also decides which addresses may be reached, and how long that takes.
   * @default public addresses alone, no redirects, 5 seconds
   */
  readonly fetch?: (
    url: string,
    request: {
      readonly method: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly redirect: 'manual';
    },
  ) => Promise<Response>;
}

/**
 * Dynamic client registration (RFC 7591).
 *
 * @publicApi
 */
export interface RegistrationOptions {
  /** @default true */
  readonly enabled?: boolean;
  /** Path of the endpoint, under that of the issuer. @default `'/oauth/register'` */
  readonly endpoint?: string;
  /** Name of clients that register without one. @default `'MCP client'` */
  readonly clientName?: string;
  /**
   * Which redirect URIs may be registered: `'loopback'`, `'https'`, a client by
   * name (`'claude'`, `'chatgpt'`, `'vscode'`, `'cursor'`), or a pattern such as
   * `'https://*.example.com/callback'`. Once registered, they are compared
   * letter for letter. @default `['loopback', 'https', 'cursor', 'vscode']`
   */
  readonly redirectUris?: readonly string[];
  /** Scopes that clients may register for, and ask for. @default those the server knows */
  readonly validScopes?: readonly string[];
  /** Scopes of clients that ask for none. @default `validScopes` */
  readonly defaultScopes?: readonly string[];
  /** Seconds until a client's secret expires; 0 for never. @default 0 */
  readonly secretExpirySeconds?: number;
  /** Token that whoever registers has to send (RFC 7591, section 3). @default none */
  readonly initialAccessToken?: string;
  /**
   * New clients that may register in an hour, at each instance; more are asked
   * to come back, 429. A client that registers as it did before counts for
   * nothing. Without effect with `initialAccessToken`; false is without a limit.
   * @default 1000
   */
  readonly maxPerHour?: number | false;
  /**
   * As `maxPerHour`, of one IP address (of IPv6, one network of 64 bits). Behind
   * a proxy, have the application trust it, or all clients have its address.
   * @default 60
   */
  readonly maxPerHourAndAddress?: number | false;
}

/**
 * Token revocation (RFC 7009).
 *
 * @publicApi
 */
export interface RevocationOptions {
  /** @default true */
  readonly enabled?: boolean;
  /** Path of the endpoint, under that of the issuer. @default `'/oauth/revoke'` */
  readonly endpoint?: string;
  /** The one way in which clients identify themselves there. @default any, that of their registration */
  readonly authMethod?: 'none' | 'client_secret_basic' | 'client_secret_post';
}

export const CLIENT_ID_METADATA_KEYS: OptionKeys<ClientIdMetadataOptions> = {
  fetch: true,
};

export const REGISTRATION_KEYS: OptionKeys<RegistrationOptions> = {
  enabled: true,
  endpoint: true,
  clientName: true,
  redirectUris: true,
  validScopes: true,
  defaultScopes: true,
  secretExpirySeconds: true,
  initialAccessToken: true,
  maxPerHour: true,
  maxPerHourAndAddress: true,
};

export const REVOCATION_KEYS: OptionKeys<RevocationOptions> = {
  enabled: true,
  endpoint: true,
  authMethod: true,
};
