import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { McpUnauthorizedError } from '../client.errors.js';
import { callerKey } from '../tokens/token-cache.js';
import type { ClientCaller } from './client-auth.js';
import { GrantAuth, type GrantRequest } from './grant.auth.js';
import { GRANT_KEYS, type GrantOptions } from './grant-options.js';
import { secretProvider } from './secret-provider.js';

/** Options of {@link TokenExchangeAuth}. @publicApi */
export interface TokenExchangeAuthOptions extends GrantOptions {
  readonly clientSecret: string;
  /** Parameter `audience` of the token request. @default none */
  readonly audience?: string;
  /** The caller's token. @default that of the current request, or of `forCaller()` */
  readonly subjectToken?: (caller: ClientCaller) => string | Promise<string>;
  /** What kind of token it is. @default 'urn:ietf:params:oauth:token-type:access_token' */
  readonly subjectTokenType?: string;
}

const TOKEN_EXCHANGE_KEYS: OptionKeys<TokenExchangeAuthOptions> = {
  ...GRANT_KEYS,
  clientSecret: 'name',
  audience: 'name',
  subjectToken: 'function',
  subjectTokenType: 'name',
};

/**
 * Exchanges the token of the current caller for one of the server's (RFC 8693):
 * the server sees who it is, and the caller's own token stays here.
 *
 * @publicApi
 */
export class TokenExchangeAuth extends GrantAuth {
  readonly #options: TokenExchangeAuthOptions;

  /** @throws Error naming the option, its value and the remedy */
  constructor(options: TokenExchangeAuthOptions) {
    checkOptions('new TokenExchangeAuth(…)', options, TOKEN_EXCHANGE_KEYS);
    super('TokenExchangeAuth', options);
    if (!options.clientSecret) {
      throw new Error(
        'TokenExchangeAuth: clientSecret is missing. Register this application at the issuer as a client with a secret.',
      );
    }
    this.#options = options;
  }

  override principalOf(caller: ClientCaller): string {
    return callerKey(caller);
  }

  protected override get resourceByDefault(): boolean {
    return this.#options.audience === undefined;
  }

  protected override async provider({
    target,
    caller,
    issuer,
    scope,
  }: GrantRequest): Promise<OAuthClientProvider> {
    const {
      clientId,
      clientSecret,
      audience,
      subjectToken,
      subjectTokenType = 'urn:ietf:params:oauth:token-type:access_token',
    } = this.#options;
    const subject = subjectToken ? await subjectToken(caller) : caller.token;
    if (!subject) {
      throw new McpUnauthorizedError(
        target.name,
        'there is no caller whose token could be exchanged. Call it in a request with a token, or by forCaller({ token })',
      );
    }
    return secretProvider(
      'TokenExchangeAuth',
      { clientId, clientSecret, issuer, scope },
      {
        grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
        subject_token: subject,
        subject_token_type: subjectTokenType,
        audience,
      },
    );
  }
}
