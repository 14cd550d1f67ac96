import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

/**
 * What a client of either SDK remembers of its login. It opens no browser but
 * notes where one is to go.
 */
export class OAuthStore implements OAuthClientProvider {
  readonly clientMetadata: OAuthClientMetadata;
  stored: StoredOAuthTokens | undefined;
  registration: StoredOAuthClientInformation | undefined;
  private sentTo: URL | undefined;
  private verifier = '';
  private discovered: OAuthDiscoveryState | undefined;
  private lastState = '';

  constructor(
    grantTypes: readonly string[],
    readonly redirectUrl = 'http://127.0.0.1:49152/callback',
  ) {
    this.clientMetadata = {
      client_name: 'Login test',
      redirect_uris: [this.redirectUrl],
      grant_types: [...grantTypes],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
  }

  state(): string {
    return (this.lastState = crypto.randomUUID());
  }

  /** Where the browser was sent last; throws where it never was. */
  get authorizationUrl(): URL {
    if (!this.sentTo) {
      throw new Error('The client asked for no login');
    }
    return this.sentTo;
  }

  /** Scopes of the last login, in order, without that for refresh tokens. */
  get requestedScopes(): string[] {
    const scope = this.authorizationUrl.searchParams.get('scope') ?? '';
    return scope
      .split(' ')
      .filter((name) => name !== 'offline_access')
      .sort();
  }

  get accessToken(): string {
    return this.stored?.access_token ?? '';
  }

  /** The parameters of a callback; throws where they answer another request. */
  accept(callback: URL): URLSearchParams {
    if (callback.searchParams.get('state') !== this.lastState) {
      throw new Error(`Wrong state in ${callback.href}`);
    }
    return callback.searchParams;
  }

  clientInformation(): StoredOAuthClientInformation | undefined {
    return this.registration;
  }

  saveClientInformation(information: StoredOAuthClientInformation): void {
    this.registration = information;
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.stored;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.stored = tokens;
  }

  /** What the login server no longer knows, a client forgets, to begin anew. */
  invalidateCredentials(scope: string): void {
    if (scope === 'all' || scope === 'tokens') {
      this.stored = undefined;
    }
    if (scope === 'all' || scope === 'client') {
      this.registration = undefined;
    }
  }

  redirectToAuthorization(url: URL): void {
    this.sentTo = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier(): string {
    return this.verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.discovered = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.discovered;
  }
}
