import { createHash, timingSafeEqual } from 'node:crypto';
import { AccessToken } from '../token/access-token.js';
import { affirms, type TokenClaims } from '../token/claims.js';
import {
  TokenVerifier,
  type AudienceBinding,
  type VerifyContext,
} from './token-verifier.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/**
 * What is known of a fixed token. Every other key is kept as metadata.
 *
 * @publicApi
 */
export interface StaticTokenMetadata extends TokenClaims {
  readonly scope?: string | readonly string[];
  readonly scopes?: string | readonly string[];
  readonly sub?: string;
  readonly user_id?: string;
  readonly client_id?: string;
  /** Seconds since 1970, or a date. */
  readonly expires_at?: number | string | Date;
}

/**
 * Options of `StaticTokenVerifier`.
 *
 * @publicApi
 */
export interface StaticVerifierOptions {
  /** Type of the tokens; one that was sent as another type is refused. @default `'bearer'` */
  readonly tokenType?: string;
  /** Lets the application run with it where NODE_ENV is `production`. @default false */
  readonly force?: boolean;
}

const STATIC_VERIFIER_KEYS: OptionKeys<StaticVerifierOptions> = {
  tokenType: true,
  force: true,
};

interface KnownToken {
  readonly digest: Buffer;
  readonly metadata: TokenClaims;
}

/**
 * Knows a fixed set of tokens. For development and tests: these tokens do not
 * expire, cannot be revoked, and stand in configuration files.
 *
 * ```ts
 * new StaticTokenVerifier({
 *   'dev-token': { user_id: 'ada', scope: ['notes:read'], role: 'editor' },
 * });
 * ```
 *
 * @publicApi
 */
export class StaticTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding = 'construction';
  readonly #known: readonly KnownToken[];
  readonly #tokenType: string;

  /**
   * @param tokens list of tokens, or what is known of each
   * @throws Error in production without `force`, for an empty token, for none,
   *   and for an expiry that is no time
   */
  constructor(
    tokens: readonly string[] | Readonly<Record<string, StaticTokenMetadata>>,
    options: StaticVerifierOptions = {},
  ) {
    super();
    checkOptions(
      'new StaticTokenVerifier(tokens, …)',
      options,
      STATIC_VERIFIER_KEYS,
    );
    const { tokenType = 'bearer', force = false } = options;
    if (process.env.NODE_ENV === 'production' && !force) {
      throw new Error(
        'StaticTokenVerifier: NODE_ENV is "production", where fixed tokens ' +
          'are refused. Use another verifier, or write force: true.',
      );
    }
    this.#tokenType = tokenType.toLowerCase();
    const entries: readonly (readonly [string, TokenClaims])[] = isList(tokens)
      ? tokens.map((token) => [token, {}] as const)
      : Object.entries(tokens);
    if (entries.length === 0 || entries.some(([token]) => !isToken(token))) {
      throw new Error(
        'StaticTokenVerifier: there is no token, or an empty one. Is an ' +
          'environment variable unset?',
      );
    }
    this.#known = entries.map(([token, metadata]) => {
      this.toToken(token, metadata);
      return { digest: digest(token), metadata };
    });
  }

  override verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | null> {
    const sent = digest(token);
    // Every digest is compared in full, so that time tells nothing.
    const [match] = this.#known.filter((known) =>
      timingSafeEqual(known.digest, sent),
    );
    const type = context?.tokenType?.toLowerCase() ?? this.#tokenType;
    const verified =
      match && type === this.#tokenType && affirms(match.metadata)
        ? this.toToken(token, match.metadata)
        : null;
    return Promise.resolve(verified?.isExpired() ? null : verified);
  }

  private toToken(token: string, metadata: TokenClaims): AccessToken {
    return AccessToken.fromClaims(token, metadata, {
      tokenType: this.#tokenType,
    });
  }
}

function isList(tokens: object): tokens is readonly string[] {
  return Array.isArray(tokens);
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
