import {
  type OAuthClientProvider,
  PrivateKeyJwtProvider,
} from '@modelcontextprotocol/client';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { GrantAuth, type GrantRequest } from './grant.auth.js';
import { secretProvider } from './secret-provider.js';
import { GRANT_KEYS, type GrantOptions } from './grant-options.js';

/** Options of {@link ClientCredentialsAuth}. @publicApi */
export interface ClientCredentialsAuthOptions extends GrantOptions {
  /** Give one of `clientSecret` and `privateKey`. */
  readonly clientSecret?: string;
  /** PKCS #8 in PEM, or a JWK, that signs assertions in place of a secret (RFC 7523). */
  readonly privateKey?: string | Readonly<Record<string, unknown>>;
  /** Signature algorithm of `privateKey`. @default `alg` of the JWK, or else 'RS256' */
  readonly algorithm?: string;
  /** Parameter `audience` of the token request, as some issuers ask for. @default none */
  readonly audience?: string;
}

const CLIENT_CREDENTIALS_KEYS: OptionKeys<ClientCredentialsAuthOptions> = {
  ...GRANT_KEYS,
  clientSecret: 'name',
  privateKey: true,
  algorithm: 'name',
  audience: 'name',
};

/**
 * Gets tokens for the application itself (RFC 6749, section 4.4):
 *
 * ```ts
 * auth: new ClientCredentialsAuth({
 *   clientId: 'shop', clientSecret: process.env.SHOP_SECRET!, issuer: 'https://login.example.com',
 * })
 * ```
 *
 * @publicApi
 */
export class ClientCredentialsAuth extends GrantAuth {
  readonly #options: ClientCredentialsAuthOptions;

  /** @throws Error naming the option, its value and the remedy */
  constructor(options: ClientCredentialsAuthOptions) {
    checkOptions(
      'new ClientCredentialsAuth(…)',
      options,
      CLIENT_CREDENTIALS_KEYS,
    );
    super('ClientCredentialsAuth', options);
    const { clientSecret, privateKey } = options;
    if ((clientSecret === undefined) === (privateKey === undefined)) {
      throw new Error(
        `ClientCredentialsAuth has ${clientSecret === undefined ? 'neither clientSecret nor privateKey' : 'clientSecret and privateKey'}. Give one of them.`,
      );
    }
    this.#options = options;
  }

  /** Where an audience is asked for, issuers know no resource. */
  protected override get resourceByDefault(): boolean {
    return this.#options.audience === undefined;
  }

  protected override provider({
    issuer,
    scope,
  }: GrantRequest): OAuthClientProvider {
    const { clientId, clientSecret, privateKey, algorithm, audience } =
      this.#options;
    if (privateKey === undefined) {
      return secretProvider(
        'ClientCredentialsAuth',
        { clientId, clientSecret: clientSecret ?? '', issuer, scope },
        { audience },
      );
    }
    const provider = new PrivateKeyJwtProvider({
      clientId,
      expectedIssuer: issuer,
      ...(scope !== undefined && { scope }),
      privateKey,
      algorithm: algorithm ?? algorithmOf(privateKey),
    });
    const prepare = provider.prepareTokenRequest.bind(provider);
    provider.prepareTokenRequest = (asked) => {
      const params = prepare(asked);
      if (audience !== undefined) {
        params.set('audience', audience);
      }
      return params;
    };
    return provider;
  }
}

function algorithmOf(
  privateKey: string | Readonly<Record<string, unknown>>,
): string {
  const alg = typeof privateKey === 'string' ? undefined : privateKey['alg'];
  return typeof alg === 'string' ? alg : 'RS256';
}
