import type { AccessToken } from '../../token/access-token.js';
import {
  InvalidTokenError,
  type TokenRefusal,
} from '../../token/token.errors.js';
import { VerifierUnavailableError } from '../../token/token.errors.js';
import { weakestAudience } from '../audience-rule.js';
import {
  TokenVerifier,
  type AcceptedTokens,
  type AudienceBinding,
  type VerifyContext,
} from '../token-verifier.js';
import {
  JWT_VERIFIER_KEYS,
  type JwtVerifierOptions,
} from './jwt-options.interface.js';
import { loadJose } from '../../../platform/optional-packages.js';
import { trustedIssuers } from './trusted-issuer.js';
import type { TrustedIssuer } from './trusted-issuer.js';
import { VerifiedJwts } from './verified-jwts.js';
import { checkOptions } from '../../../options/option-keys.js';

/** Refusals by the `code` of jose's errors. */
const REFUSALS: Readonly<Record<string, TokenRefusal>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_EXPIRED: 'expired',
};

/** Refusals by the claim that jose found wrong. */
const CLAIM_REFUSALS: Readonly<Record<string, TokenRefusal>> = {
  iss: 'issuer',
  nbf: 'not_yet_valid',
};

/**
 * Checks JWT access tokens (RFC 9068, RFC 8725) of one issuer or of several.
 *
 * ```ts
 * new JwtTokenVerifier({
 *   issuer: 'https://login.example.com',
 *   jwksUri: 'https://login.example.com/jwks',
 *   audience: 'https://api.example.com/mcp',
 * });
 * ```
 *
 * @publicApi
 */
export class JwtTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding;
  override readonly issuers: readonly string[];
  readonly #issuers: readonly TrustedIssuer[];
  readonly #verified: VerifiedJwts;

  /** @throws Error where the options are contradictory or unsafe; the message never holds a secret */
  constructor(options: JwtVerifierOptions) {
    super();
    checkOptions('new JwtTokenVerifier(…)', options, JWT_VERIFIER_KEYS);
    this.#issuers = trustedIssuers('JwtTokenVerifier', options);
    this.#verified = new VerifiedJwts('JwtTokenVerifier', options.cache);
    this.audienceBinding = weakestAudience(
      this.#issuers.map(({ audience }) => audience.binding),
    );
    this.issuers = this.#issuers.flatMap(({ names }) => names ?? []);
  }

  override get accepts(): readonly AcceptedTokens[] {
    return this.#issuers.flatMap(({ audience, names = [] }) =>
      audience.acceptedOf(names),
    );
  }

  /** @throws InvalidTokenError, VerifierUnavailableError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken> {
    try {
      const jwt = this.#verified.get(token);
      return jwt ? jwt.accept(context) : await this.verifyAnew(token, context);
    } catch (error) {
      if (
        error instanceof InvalidTokenError ||
        VerifierUnavailableError.is(error)
      ) {
        throw error;
      }
      throw new InvalidTokenError(refusalOf(error), { cause: error });
    }
  }

  private async verifyAnew(
    token: string,
    context: VerifyContext | undefined,
  ): Promise<AccessToken> {
    const issuer = await this.issuerOf(token);
    const jwt = await issuer.verify(token);
    const accepted = jwt.accept(context);
    // Only now, so that nothing is kept that this server refuses.
    this.#verified.add(token, jwt);
    return accepted;
  }

  /** Discovers what is left to discovery; an outage is no error here. */
  override async prepare(): Promise<void> {
    await loadJose();
    await Promise.all(this.#issuers.map(({ keys }) => keys.prepare()));
  }

  /**
   * Of several, the one that the token names, before anything else: a key is
   * never looked up with another issuer. The choice is not the check, which
   * comes with the signature.
   */
  private async issuerOf(token: string): Promise<TrustedIssuer> {
    const [only, ...others] = this.#issuers;
    if (only && others.length === 0) {
      return only;
    }
    const { decodeJwt } = await loadJose();
    const { iss } = decodeJwt(token);
    const issuer = this.#issuers.find(({ names }) =>
      names?.includes(iss ?? ''),
    );
    if (!issuer) {
      throw new InvalidTokenError('issuer');
    }
    return issuer;
  }
}

function refusalOf(error: unknown): TokenRefusal {
  const { code = '', claim = '' } = error as { code?: string; claim?: string };
  return (
    REFUSALS[code] ??
    (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED'
      ? (CLAIM_REFUSALS[claim] ?? 'claims')
      : 'malformed')
  );
}
