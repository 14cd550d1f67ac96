import {
  CrossAppAccessProvider,
  discoverAndRequestJwtAuthGrant,
  type OAuthClientProvider,
  requestJwtAuthorizationGrant,
} from '@modelcontextprotocol/client';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import { readSecureUrl, shown } from '../../options/option-values.js';
import { callerKey } from '../tokens/token-cache.js';
import type { ClientCaller } from './client-auth.js';
import { GrantAuth, type GrantRequest } from './grant.auth.js';
import { GRANT_KEYS, type GrantOptions } from './grant-options.js';
import { authentication } from './secret-provider.js';

/** The identity provider of the enterprise. @publicApi */
export interface IdentityProviderOptions {
  /** Its issuer. Give one of `issuer` and `tokenUrl`. */
  readonly issuer?: string;
  /** Its token endpoint. */
  readonly tokenUrl?: string;
  /** Id of this application there. */
  readonly clientId: string;
  readonly clientSecret?: string;
}

/** Options of {@link CrossAppAuth}. @publicApi */
export interface CrossAppAuthOptions extends Omit<GrantOptions, 'tokenUrl'> {
  /** Secret at the server's own authorization server. */
  readonly clientSecret: string;
  /** Who vouches for the user. */
  readonly identityProvider: IdentityProviderOptions;
  /** The user's id token of that identity provider. */
  readonly idToken: (caller: ClientCaller) => string | Promise<string>;
}

const IDENTITY_PROVIDER_KEYS: OptionKeys<IdentityProviderOptions> = {
  issuer: 'name',
  tokenUrl: 'name',
  clientId: 'name',
  clientSecret: 'name',
};

const { tokenUrl: _tokenUrl, ...OWN_GRANT_KEYS } = GRANT_KEYS;

const CROSS_APP_KEYS: OptionKeys<CrossAppAuthOptions> = {
  ...OWN_GRANT_KEYS,
  clientSecret: 'name',
  identityProvider: IDENTITY_PROVIDER_KEYS,
  idToken: 'function',
};

/**
 * Gets tokens by what the enterprise's identity provider vouches for: an
 * ID-JAG for the server, exchanged at the server's own authorization server
 * (MCP, Enterprise-Managed Authorization).
 *
 * @publicApi
 */
export class CrossAppAuth extends GrantAuth {
  readonly #options: CrossAppAuthOptions;

  /** @throws Error naming the option, its value and the remedy */
  constructor(options: CrossAppAuthOptions) {
    checkOptions('new CrossAppAuth(…)', options, CROSS_APP_KEYS);
    super('CrossAppAuth', options);
    const { identityProvider, clientSecret, idToken } = options;
    if (!clientSecret || !identityProvider || !idToken) {
      throw new Error(
        'CrossAppAuth needs clientSecret, identityProvider and idToken. Give all of them.',
      );
    }
    const { issuer, tokenUrl } = identityProvider;
    const url = tokenUrl ?? issuer;
    if (!readSecureUrl(url)) {
      throw new Error(
        `CrossAppAuth: identityProvider has the URL ${shown(url)}. Write an absolute https URL as issuer or tokenUrl.`,
      );
    }
    this.#options = options;
  }

  override principalOf(caller: ClientCaller): string {
    return callerKey(caller);
  }

  protected override get urls(): readonly (string | undefined)[] {
    const { issuer, tokenUrl } = this.#options.identityProvider;
    return [issuer, tokenUrl];
  }

  protected override provider({
    target,
    caller,
    issuer,
  }: GrantRequest): OAuthClientProvider {
    const { clientId, clientSecret, identityProvider, idToken } = this.#options;
    const fetchFn = this.fetchFor(target);
    const provider = new CrossAppAccessProvider({
      clientId,
      clientSecret,
      expectedIssuer: issuer,
      fetchFn,
      assertion: async ({ authorizationServerUrl, resourceUrl, scope }) => {
        const request = {
          audience: authorizationServerUrl,
          resource: resourceUrl,
          idToken: await idToken(caller),
          clientId: identityProvider.clientId,
          fetchFn,
          ...(identityProvider.clientSecret !== undefined && {
            clientSecret: identityProvider.clientSecret,
          }),
          ...(scope !== undefined && { scope }),
        };
        const { tokenUrl, issuer: idpUrl = '' } = identityProvider;
        const { jwtAuthGrant } =
          tokenUrl === undefined
            ? await discoverAndRequestJwtAuthGrant({ ...request, idpUrl })
            : await requestJwtAuthorizationGrant({
                ...request,
                tokenEndpoint: tokenUrl,
              });
        return jwtAuthGrant;
      },
    });
    return Object.assign(provider, {
      addClientAuthentication: authentication(
        'CrossAppAuth',
        clientId,
        clientSecret,
      ),
    });
  }
}
