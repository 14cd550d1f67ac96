import type { AccessToken } from '../token/access-token.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { checkAudience } from '../verifiers/audience-rule.js';
import { verifyWith } from '../verifiers/normalize-verified.js';
import type { TokenVerifier } from '../verifiers/token-verifier.js';
import { McpAuthProvider, type RequestWithHeaders } from './auth.provider.js';
import { isBound } from './dpop.proof.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** Options of {@link ApiKeyAuthProvider}. @publicApi */
export interface ApiKeyAuthOptions {
  /** Judges keys; it is told the token type `'api_key'`. */
  readonly verifier: TokenVerifier;
  /** Header of the key, in any case. @default `'x-api-key'` */
  readonly header?: string;
}

const API_KEY_AUTH_KEYS: OptionKeys<ApiKeyAuthOptions> = {
  verifier: true,
  header: true,
};

/**
 * Takes an API key from a header of choice.
 *
 * @example
 * ```ts
 * new ApiKeyAuthProvider({
 *   verifier: new StaticTokenVerifier(keys, { tokenType: 'api_key' }),
 * });
 * ```
 * @publicApi
 */
export class ApiKeyAuthProvider extends McpAuthProvider {
  private readonly header: string;

  /** @throws Error where the verifier takes keys that were made for other servers */
  constructor(private readonly options: ApiKeyAuthOptions) {
    super();
    checkOptions('new ApiKeyAuthProvider(…)', options, API_KEY_AUTH_KEYS);
    checkAudience('ApiKeyAuthProvider', options.verifier);
    this.header = (options.header ?? 'x-api-key').toLowerCase();
  }

  async authenticate({
    headers,
  }: RequestWithHeaders): Promise<AccessToken | null> {
    const key = headers[this.header];
    if (key === undefined) {
      return null;
    }
    const token = await verifyWith(
      this.options.verifier,
      [key].flat().join(', '),
      { tokenType: 'api_key' },
    );
    if (!token || isBound(token)) {
      throw new InvalidTokenError('claims');
    }
    return token;
  }

  override prepare(): Promise<void> {
    return this.options.verifier.prepare();
  }
}
