import type {
  ClientAuth,
  Configuration,
  IDToken,
  ServerMetadata,
  TokenEndpointResponse,
  TokenEndpointResponseHelpers,
} from 'openid-client';
import { loadOpenidClient } from '../../platform/optional-packages.js';
import type { ProviderFetch } from './provider-fetch.js';
import type { UpstreamSettings } from './upstream-settings.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';
import type { UpstreamLeg } from './upstream.provider.js';

/** Characters of a name that are kept: it stands in a sentence, not on its own page. */
const MAX_LENGTH = 100;

/** The first of some members that is a name to show. */
export function displayName(
  person: object,
  members: readonly string[],
): string | undefined {
  for (const member of members) {
    const value = (person as Readonly<Record<string, unknown>>)[member];
    if (typeof value === 'string' && value.trim() !== '') {
      return value.trim().slice(0, MAX_LENGTH);
    }
  }
  return undefined;
}

type OpenidClient = typeof import('openid-client');
type TokenResponse = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** What a provider issued. */
interface Issued {
  readonly tokens: UpstreamTokenSet;
  /** Claims of the ID token, where there was one; checked, its signature included. */
  readonly claims: IDToken | undefined;
}

/** How a flow is set up. */
interface CodeFlowOptions {
  readonly settings: UpstreamSettings;
  readonly server: ServerMetadata;
  readonly fetch: ProviderFetch;
  /** Whether plain http will do. */
  readonly isInsecure: boolean;
}

/**
 * The authorization code flow with PKCE at one provider, by `openid-client`.
 * Whatever it throws is for `upstreamFailure` to read.
 */
export class CodeFlow {
  private constructor(
    private readonly client: OpenidClient,
    private readonly configuration: Configuration,
    private readonly settings: UpstreamSettings,
  ) {}

  /** @throws Error where `openid-client` is not installed */
  static async create(options: CodeFlowOptions): Promise<CodeFlow> {
    const { settings, server, fetch, isInsecure } = options;
    const client = await loadOpenidClient();
    const configuration = new client.Configuration(
      server,
      settings.clientId,
      undefined,
      authentication(client, settings),
    );
    configuration[client.customFetch] = fetch;
    // The code may come over plain http, or be somebody else's: TLS alone does
    // not vouch for the ID token.
    client.enableNonRepudiationChecks(configuration);
    if (isInsecure) {
      client.allowInsecureRequests(configuration);
    }
    return new CodeFlow(client, configuration, settings);
  }

  /** @param nonce whether an ID token is to come back that repeats it */
  async authorizationUrl(leg: UpstreamLeg, nonce: boolean): Promise<URL> {
    const { client, settings } = this;
    return client.buildAuthorizationUrl(this.configuration, {
      ...settings.parameters,
      redirect_uri: leg.redirectUri,
      scope: settings.scopes.join(' '),
      state: leg.state,
      ...(nonce && { nonce: leg.nonce }),
      code_challenge: await client.calculatePKCECodeChallenge(leg.codeVerifier),
      code_challenge_method: 'S256',
    });
  }

  /** @param parameters what the browser brought back */
  async exchange(
    parameters: URLSearchParams,
    leg: UpstreamLeg,
    nonce: boolean,
  ): Promise<Issued> {
    // The redirect URI as it was sent, whatever a proxy made of it since.
    const callback = new URL(leg.redirectUri);
    callback.search = parameters.toString();
    const response = await this.client.authorizationCodeGrant(
      this.configuration,
      callback,
      {
        expectedState: leg.state,
        pkceCodeVerifier: leg.codeVerifier,
        ...(nonce && { expectedNonce: leg.nonce, idTokenExpected: true }),
      },
    );
    return issued(response);
  }

  async refresh(refreshToken: string): Promise<Issued> {
    return issued(
      await this.client.refreshTokenGrant(this.configuration, refreshToken),
    );
  }

  /** Claims about a person, of the same subject alone. */
  userInfo(accessToken: string, subject: string): Promise<object> {
    return this.client.fetchUserInfo(this.configuration, accessToken, subject);
  }
}

function authentication(
  client: OpenidClient,
  { authMethod, clientSecret }: UpstreamSettings,
): ClientAuth {
  return authMethod === 'client_secret_post'
    ? client.ClientSecretPost(clientSecret)
    : client.ClientSecretBasic(clientSecret);
}

function issued(response: TokenResponse): Issued {
  const { access_token, refresh_token, scope, expires_in } = response;
  return {
    tokens: {
      accessToken: access_token,
      ...(refresh_token !== undefined && { refreshToken: refresh_token }),
      ...(scope !== undefined && { scope }),
      ...(expires_in !== undefined && {
        expiresAt: Math.floor(Date.now() / 1000) + expires_in,
      }),
    },
    claims: response.claims(),
  };
}
