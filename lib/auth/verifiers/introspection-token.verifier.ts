import { AccessToken } from '../token/access-token.js';
import {
  CLAIM_PATH_KEYS,
  affirms,
  toList,
  type ClaimPaths,
  type TokenClaims,
} from '../token/claims.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { fetchJson } from '../fetch/guarded-fetch.js';
import type { UrlTrust } from '../fetch/url-trust.js';
import { checkAccessTokenClaims } from './access-token-kind.js';
import { AudienceRule, type AudienceOption } from './audience-rule.js';
import {
  CLAIMS_CACHE_KEYS,
  ClaimsCache,
  type ClaimsCacheOptions,
} from './claims-cache.js';
import {
  clientCredentials,
  type ClientAuthMethod,
  type ClientCredentials,
} from './client-authentication.js';
import { checkEndpoint } from './client-authentication.js';
import { checkNotBefore } from './normalize-verified.js';
import {
  TokenVerifier,
  type AcceptedTokens,
  type AudienceBinding,
  type VerifyContext,
} from './token-verifier.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/**
 * Options of `IntrospectionTokenVerifier`.
 *
 * @publicApi
 */
export interface IntrospectionVerifierOptions {
  /** URL of the provider's introspection endpoint. */
  readonly introspectionEndpoint: string;
  /** This server, as a client of the provider. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** @default `'client_secret_basic'` */
  readonly authMethod?: ClientAuthMethod;
  /** What `aud` of the answer must name. @default the names of the server (`auth.resource`) */
  readonly audience?: AudienceOption;
  /** What `iss` of the answer must be. @default not checked: the endpoint speaks for its issuer */
  readonly issuer?: string | readonly string[];
  /** Keeps answers about good tokens. @default none are kept */
  readonly cache?: ClaimsCacheOptions;
  /** Seconds that clocks may differ, for `exp` and `nbf`. @default 0 */
  readonly clockTolerance?: number;
  /** Where scopes, subject, client and roles are. */
  readonly claims?: ClaimPaths;
  /** Milliseconds a request may take. @default 5000 */
  readonly timeout?: number;
  /** Headers sent along. @default none */
  readonly headers?: Readonly<Record<string, string>>;
}

const INTROSPECTION_VERIFIER_KEYS: OptionKeys<IntrospectionVerifierOptions> = {
  introspectionEndpoint: true,
  clientId: true,
  clientSecret: true,
  authMethod: true,
  audience: true,
  issuer: true,
  cache: CLAIMS_CACHE_KEYS,
  clockTolerance: true,
  claims: CLAIM_PATH_KEYS,
  timeout: true,
  headers: true,
};

/**
 * Asks the provider about each token (RFC 7662). For opaque tokens, and where a
 * revocation must take effect at once.
 *
 * @publicApi
 */
export class IntrospectionTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding;
  override readonly issuers: readonly string[];
  readonly #options: IntrospectionVerifierOptions;
  readonly #credentials: ClientCredentials;
  readonly #audience: AudienceRule;
  readonly #cache: ClaimsCache | undefined;
  readonly #trust: UrlTrust;

  /**
   * @param trust where the endpoint's URL comes from. @default the configuration
   * @throws Error where an option is missing or of the wrong kind
   */
  constructor(
    options: IntrospectionVerifierOptions,
    trust: UrlTrust = { source: 'configuration' },
  ) {
    super();
    const owner = 'IntrospectionTokenVerifier';
    checkOptions(`new ${owner}(…)`, options, INTROSPECTION_VERIFIER_KEYS);
    checkEndpoint(
      owner,
      'introspectionEndpoint',
      options.introspectionEndpoint,
    );
    this.#options = options;
    this.#credentials = clientCredentials(
      owner,
      options.authMethod ?? 'client_secret_basic',
      options.clientId,
      options.clientSecret,
    );
    this.#audience = new AudienceRule(owner, options.audience);
    this.#cache = options.cache && new ClaimsCache(owner, options.cache);
    this.#trust = trust;
    this.audienceBinding = this.#audience.binding;
    this.issuers = toList(options.issuer ?? []);
  }

  override get accepts(): readonly AcceptedTokens[] {
    return this.#audience.acceptedOf(this.issuers);
  }

  /** @throws InvalidTokenError, VerifierUnavailableError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | null> {
    const cached = this.#cache?.get(token);
    const claims = cached ?? (await this.introspect(token));
    if (claims.active === undefined || !affirms(claims)) {
      return null;
    }
    const verified = this.check(token, claims, context);
    if (!cached) {
      this.#cache?.set(token, claims);
    }
    return verified;
  }

  /** The provider's word is not enough: it answers for refresh tokens, and for other servers' tokens, too. */
  private check(
    token: string,
    claims: TokenClaims,
    context: VerifyContext | undefined,
  ): AccessToken {
    const { issuer, clockTolerance = 0 } = this.#options;
    if (
      issuer !== undefined &&
      !(typeof claims.iss === 'string' && toList(issuer).includes(claims.iss))
    ) {
      throw new InvalidTokenError('issuer');
    }
    checkAccessTokenClaims(claims);
    checkNotBefore(claims, clockTolerance);
    const verified = AccessToken.fromClaims(token, claims, {
      paths: this.#options.claims,
      resource: this.#audience.match(claims, context),
      clockTolerance,
    });
    if (verified.isExpired()) {
      throw new InvalidTokenError('expired');
    }
    return verified;
  }

  private async introspect(token: string): Promise<TokenClaims> {
    const { introspectionEndpoint, timeout, headers } = this.#options;
    try {
      return await fetchJson(introspectionEndpoint, {
        trust: this.#trust,
        method: 'POST',
        timeout,
        headers: {
          ...headers,
          ...this.#credentials.headers,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({
          token,
          token_type_hint: 'access_token',
          ...this.#credentials.fields,
        }).toString(),
      });
    } catch (cause) {
      throw new VerifierUnavailableError(
        'The provider gave no answer about a token',
        { cause },
      );
    }
  }
}
