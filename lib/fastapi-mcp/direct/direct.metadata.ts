import type { OAuthMetadata } from '../auth-config.interface.js';
import type { IssuerMetadata } from '../../auth/verifiers/discovery/discover-issuer.js';
import type { AuthorizationServerSettings } from '../../authorization-server/authorization-server-settings.interface.js';
import { ENDPOINTS } from '../../authorization-server/endpoints/server-routes.js';
import { withoutNulls } from '../check-oauth-metadata.js';
import { listOf, UnsuitableProviderError } from './check-direct-provider.js';

/** Milliseconds for which a document is not asked for again. */
const MAX_AGE = 300_000;
/** Milliseconds after a failure during which the provider is left alone. */
const COOLDOWN = 5000;

/**
 * The provider's metadata: fetched when first needed, renewed behind the back of
 * those who ask, and kept while the provider is down. A document that says the
 * provider has become unsuitable ends that.
 */
export class ProviderDocument {
  private document: IssuerMetadata | undefined;
  private running: Promise<IssuerMetadata> | undefined;
  private askAgainAt = -Infinity;
  private failure: unknown;

  /** @param find fetches a document and checks it */
  constructor(private readonly find: () => Promise<IssuerMetadata>) {}

  /**
   * @throws UnsuitableProviderError
   * @throws VerifierUnavailableError where it has never answered
   */
  async current(): Promise<IssuerMetadata> {
    if (!this.running && Date.now() >= this.askAgainAt) {
      this.running = this.renew();
      // Those who get an older document do not wait for it.
      this.running.catch(() => undefined);
    }
    if (this.document) {
      return this.document;
    }
    if (this.running) {
      return this.running;
    }
    throw this.failure;
  }

  private async renew(): Promise<IssuerMetadata> {
    try {
      this.document = await this.find();
      this.askAgainAt = Date.now() + MAX_AGE;
      return this.document;
    } catch (error) {
      this.failure = error;
      this.askAgainAt = Date.now() + COOLDOWN;
      if (error instanceof UnsuitableProviderError) {
        this.document = undefined;
      }
      throw error;
    } finally {
      this.running = undefined;
    }
  }
}

/** Members with a text that hold for the provider's tokens and people, whoever hands the tokens out. */
const TEXTS = [
  'jwks_uri',
  'userinfo_endpoint',
  'service_documentation',
  'op_policy_uri',
  'op_tos_uri',
];

/**
 * Metadata of this server (RFC 8414, section 2), with what still holds of the
 * provider's. Of endpoints that ask for the client's secret nothing does, nor of
 * OpenID Connect, as clients get no ID token.
 */
export function directMetadata(
  issuer: string,
  { registration }: AuthorizationServerSettings,
  defaultScopes: readonly string[],
  provider: IssuerMetadata,
): OAuthMetadata {
  const base = issuer.replace(/\/$/, '');
  const grants = listOf(provider, 'grant_types_supported');
  const texts = TEXTS.map((member) => [member, provider[member]] as const);
  return withoutNulls({
    issuer,
    authorization_endpoint: `${base}${ENDPOINTS.authorize}`,
    token_endpoint: `${base}${ENDPOINTS.token}`,
    registration_endpoint: `${base}${registration.endpoint}`,
    scopes_supported:
      nonEmpty(listOf(provider, 'scopes_supported')) ?? nonEmpty(defaultScopes),
    response_types_supported: ['code'],
    response_modes_supported: ['query'],
    grant_types_supported: [
      'authorization_code',
      ...(grants && !grants.includes('refresh_token') ? [] : ['refresh_token']),
    ],
    token_endpoint_auth_methods_supported: ['none'],
    code_challenge_methods_supported: ['S256'],
    ui_locales_supported: nonEmpty(listOf(provider, 'ui_locales_supported')),
    ...Object.fromEntries(
      texts.filter(([, value]) => typeof value === 'string'),
    ),
  });
}

function nonEmpty(
  list: readonly string[] | undefined,
): readonly string[] | undefined {
  return list && list.length > 0 ? list : undefined;
}
