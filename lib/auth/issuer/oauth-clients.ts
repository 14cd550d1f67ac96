/**
 * What a client says of itself, by the names of RFC 7591, section 2. Members
 * that the server does not know are left out.
 *
 * @publicApi
 */
export interface OAuthClientMetadata {
  /** Where its logins may come back to; `authorizationServer.registration.redirectUris` says which are allowed. */
  readonly redirect_uris: readonly string[];
  /** Name that people are shown. @default `registration.clientName` */
  readonly client_name?: string;
  /** `'none'` for a public client, which has no secret. @default `'client_secret_basic'` */
  readonly token_endpoint_auth_method?: string;
  readonly [member: string]: unknown;
}

/**
 * A registered client (RFC 7591, section 3.2.1).
 *
 * @publicApi
 */
export interface OAuthClientInformation extends OAuthClientMetadata {
  readonly client_id: string;
  /** Seconds since the epoch; undefined for clients of the options. */
  readonly client_id_issued_at?: number;
  /** Told once, by `register()`: it cannot be asked for later. */
  readonly client_secret?: string;
  /** Seconds since the epoch; 0 for never. */
  readonly client_secret_expires_at?: number;
}

/**
 * The OAuth clients of the authorization server in this application: register
 * one for a partner, look at it, remove it. Can be injected anywhere. It can be
 * asked once the application has started. With several authorization servers,
 * inject `McpOAuthClients`.
 *
 * An `OAuthStore` finds what it is asked for and lists nothing, so there is no
 * list of clients: keep the ids of those that you register.
 *
 * ```ts
 * constructor(private readonly clients: OAuthClients) {}
 *
 * addPartner() {
 *   return this.clients.register({
 *     client_name: 'Partner',
 *     redirect_uris: ['https://partner.example/callback'],
 *   });
 * }
 * ```
 *
 * @publicApi
 */
export abstract class OAuthClients {
  /**
   * Registers a client by the rules of the registration endpoint, which may be
   * switched off. The client is kept for `lifetimes.usedClient`, from now and
   * from each login on. A public client that is registered twice is one client.
   *
   * @returns what is in force, with `client_id` and, unless it is public, `client_secret`
   * @throws Error naming the member that is refused; StoreUnavailableError
   */
  abstract register(
    metadata: OAuthClientMetadata,
  ): Promise<OAuthClientInformation>;

  /**
   * A client that has been registered, here or by itself, or is in
   * `authorizationServer.clients`; without its secret.
   *
   * @returns null for one that there is not, and for one that identifies
   *   itself by a document at its `https` URL
   */
  abstract find(clientId: string): Promise<OAuthClientInformation | null>;

  /**
   * Removes a client. Its tokens are refused from now on (RFC 7592, section
   * 2.3). While the registration endpoint is open, it can register again.
   *
   * @returns whether there was one
   * @throws Error for one of `authorizationServer.clients`: take it out there
   */
  abstract remove(clientId: string): Promise<boolean>;
}

/** What an application injects: those of a server that is known once the application has started. */
export class InjectedOAuthClients extends OAuthClients {
  constructor(private readonly clients: () => OAuthClients) {
    super();
  }

  override async register(
    metadata: OAuthClientMetadata,
  ): Promise<OAuthClientInformation> {
    return this.clients().register(metadata);
  }

  override async find(
    clientId: string,
  ): Promise<OAuthClientInformation | null> {
    return this.clients().find(clientId);
  }

  override async remove(clientId: string): Promise<boolean> {
    return this.clients().remove(clientId);
  }
}
