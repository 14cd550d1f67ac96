import type { AccessToken } from '../../token/access-token.js';
import { toList, type TokenClaims } from '../../token/claims.js';
import { AudienceRule } from '../audience-rule.js';
import { checkEndpoint } from '../client-authentication.js';
import {
  TokenVerifier,
  type AcceptedTokens,
  type AudienceBinding,
  type VerifyContext,
} from '../token-verifier.js';
import { findProvider, isOutage } from './find-provider.js';
import {
  configuredVerifier,
  discoveredVerifier,
} from './provider-verifiers.js';
import {
  providerSettings,
  type ProviderSettings,
  type ProviderVerifierOptions,
} from './provider-options.interface.js';
import { RetriedTask } from './find-provider.js';

const OWNER = 'ProviderTokenVerifier';

/**
 * Checks tokens of an OAuth provider by its settings: by its keys, or by
 * introspection.
 *
 * ```ts
 * new ProviderTokenVerifier({
 *   clientId: 'atlas',
 *   clientSecret: process.env.CLIENT_SECRET,
 *   tokenUrl: 'https://login.example.com/oauth/token',
 *   scope: ['mcp:access'],
 *   audience: 'https://api.example.com/mcp',
 * });
 * ```
 *
 * @publicApi
 */
export class ProviderTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding;
  override readonly requiredScopes: readonly string[];
  /** The one that is configured, else the one whose metadata was found. */
  override issuers: readonly string[];
  readonly #audience: AudienceRule;
  readonly #verifier: RetriedTask<TokenVerifier>;

  /** @throws Error where the settings leave no way to check a token, or contradict each other */
  constructor(options: ProviderVerifierOptions) {
    super();
    const settings = providerSettings(options);
    checkSettings(settings);
    this.requiredScopes = [...(settings.scopes ?? [])];
    this.#audience = new AudienceRule(OWNER, settings.audience);
    this.audienceBinding = this.#audience.binding;
    this.issuers = toList(settings.issuer ?? []);
    const configured = configuredVerifier(settings);
    this.#verifier = new RetriedTask(
      async () => configured ?? (await this.discover(settings)),
    );
  }

  override get accepts(): readonly AcceptedTokens[] {
    return this.#audience.acceptedOf(this.issuers);
  }

  /** @throws InvalidTokenError, VerifierUnavailableError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | TokenClaims | null> {
    const verifier = await this.#verifier.result();
    return verifier.verify(token, context);
  }

  /** Looks for the provider; an outage is no error here. */
  override async prepare(): Promise<void> {
    try {
      const verifier = await this.#verifier.result();
      await verifier.prepare();
    } catch (error) {
      if (!isOutage(error)) {
        throw new Error(
          `${OWNER}: ${(error as Error).message} To do without metadata, give ` +
            'jwksUri with issuer, or introspectionEndpoint with clientId and ' +
            'clientSecret.',
          { cause: error },
        );
      }
    }
  }

  private async discover(settings: ProviderSettings): Promise<TokenVerifier> {
    const metadata = await findProvider(settings);
    this.issuers = [metadata.issuer];
    return discoveredVerifier(settings, metadata);
  }
}

function checkSettings(settings: ProviderSettings): void {
  const { issuer, tokenEndpoint, authorizationEndpoint } = settings;
  for (const [name, url] of Object.entries({
    issuer,
    tokenEndpoint,
    authorizationEndpoint,
    introspectionEndpoint: settings.introspectionEndpoint,
  })) {
    if (url !== undefined) {
      checkEndpoint(OWNER, name, url);
    }
  }
}
