import type {
  DpopSession,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { randomBytes } from 'node:crypto';
import type { TokenStore } from '../tokens/token.store.js';
import { LONGEST, tokenKey } from '../tokens/token-cache.js';
import { issuerOf } from './issuer-discovery.js';
import { authentication } from './secret-provider.js';

/** What this application is to authorization servers. */
export interface LoginClient {
  readonly redirectUri: string;
  readonly clientName: string;
  /** Given by the authorization server beforehand. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** URL of its metadata document, which is its id where that is understood. */
  readonly clientMetadataUrl?: string;
}

/** What one run of the SDK's `auth()` starts from. */
export interface LoginStart {
  readonly client: LoginClient;
  readonly store: TokenStore;
  readonly discovery: OAuthDiscoveryState;
  readonly resource: string | undefined;
  readonly dpop: () => Promise<DpopSession> | undefined;
  /** Tokens to be renewed. */
  readonly tokens?: StoredOAuthTokens;
  /** The login that the browser came back from. */
  readonly pending?: {
    readonly verifier: string;
    readonly client: StoredOAuthClientInformation;
  };
}

/**
 * The metadata that registration sends, and the document of the client has (RFC 7591).
 *
 * @param methods how the authorization server has clients prove themselves
 */
export function clientMetadataOf(
  client: LoginClient,
  methods: readonly string[] = ['none'],
): OAuthClientMetadata {
  return {
    client_name: client.clientName,
    redirect_uris: [client.redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method:
      ['client_secret_basic', 'client_secret_post'].find((method) =>
        methods.includes(method),
      ) ?? 'none',
  };
}

/** The SDK's view of one user at one server, for one run of its `auth()`. */
export class LoginProvider implements OAuthClientProvider {
  readonly redirectUrl: string;
  readonly clientMetadata: OAuthClientMetadata;
  readonly clientMetadataUrl?: string;
  readonly addClientAuthentication?: NonNullable<
    OAuthClientProvider['addClientAuthentication']
  >;
  readonly validateResourceURL?: NonNullable<
    OAuthClientProvider['validateResourceURL']
  >;
  /** Where the user is to be sent; undefined where no login was needed. */
  authorizationUrl: URL | undefined;
  readonly stateOfLogin = randomBytes(32).toString('base64url');
  verifier = '';
  /** The tokens that were got. */
  saved: StoredOAuthTokens | undefined;
  /** As which client. */
  client: StoredOAuthClientInformation | undefined;
  private kept: StoredOAuthTokens | undefined;
  private readonly clientKey: string;

  constructor(private readonly start: LoginStart) {
    const { client, pending, resource, tokens, discovery } = start;
    const { clientId, clientSecret, clientMetadataUrl } = client;
    this.redirectUrl = client.redirectUri;
    this.clientMetadata = clientMetadataOf(
      client,
      discovery.authorizationServerMetadata
        ?.token_endpoint_auth_methods_supported ?? ['client_secret_basic'],
    );
    this.kept = tokens;
    this.client = pending?.client;
    this.clientKey = tokenKey(
      'client',
      issuerOf(discovery),
      client.redirectUri,
      client.clientName,
      clientMetadataUrl ?? null,
    );
    if (clientMetadataUrl !== undefined) {
      this.clientMetadataUrl = clientMetadataUrl;
    }
    if (clientId !== undefined && clientSecret !== undefined) {
      this.addClientAuthentication = authentication(
        'AuthorizationCodeAuth',
        clientId,
        clientSecret,
      );
    }
    if (resource !== undefined) {
      this.validateResourceURL = () => Promise.resolve(new URL(resource));
    }
  }

  state(): string {
    return this.stateOfLogin;
  }

  dpop(): Promise<DpopSession | undefined> {
    return Promise.resolve(this.start.dpop());
  }

  discoveryState(): OAuthDiscoveryState {
    return this.start.discovery;
  }

  async clientInformation(): Promise<StoredOAuthClientInformation | undefined> {
    const { clientId, clientSecret } = this.start.client;
    if (clientId === undefined) {
      this.client ??= (await this.start.store.get(this.clientKey)) as
        StoredOAuthClientInformation | undefined;
      return this.client;
    }
    this.client = {
      client_id: clientId,
      // The flow is held to the issuer that they belong to.
      issuer: issuerOf(this.start.discovery),
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    };
    return this.client;
  }

  async saveClientInformation(
    client: StoredOAuthClientInformation,
  ): Promise<void> {
    this.client = client;
    if (this.start.client.clientId === undefined) {
      await this.start.store.set(this.clientKey, client, lifetimeOf(client));
    }
  }

  tokens(): StoredOAuthTokens | undefined {
    return this.kept;
  }

  saveTokens(tokens: StoredOAuthTokens): void {
    this.saved = tokens;
  }

  redirectToAuthorization(url: URL): void {
    this.authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.verifier = verifier;
  }

  codeVerifier(): string {
    return this.start.pending?.verifier ?? this.verifier;
  }

  async invalidateCredentials(scope: string): Promise<void> {
    if (scope === 'tokens' || scope === 'all') {
      this.kept = undefined;
    }
    if (scope === 'client' || scope === 'all') {
      this.client = undefined;
      await this.start.store.take(this.clientKey);
    }
  }
}

/** Milliseconds that a registration is kept for: until its secret expires (RFC 7591, section 3.2.1). */
function lifetimeOf(client: StoredOAuthClientInformation): number {
  const { client_secret_expires_at: end = 0 } = client as {
    client_secret_expires_at?: number;
  };
  return end === 0
    ? LONGEST
    : Math.max(1, Math.min(LONGEST, end * 1000 - Date.now()));
}
