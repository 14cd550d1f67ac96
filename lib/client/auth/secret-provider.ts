import {
  type AddClientAuthentication,
  ClientCredentialsProvider,
  type OAuthClientProvider,
  selectClientAuthMethod,
} from '@modelcontextprotocol/client';
import { clientCredentials } from '../../auth/verifiers/client-authentication.js';

/** A client that proves itself with a secret. */
interface SecretClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** That the secret is sent to, and no other. */
  readonly issuer: string;
  readonly scope: string | undefined;
}

/**
 * The SDK's provider for a client with a secret, form-encoded as RFC 6749
 * (section 2.3.1) has it: secrets with `+`, `/` or `:` arrive as they are.
 *
 * @param owner of the secret, for messages
 * @param parameters of the token request, in place of those of client credentials
 */
export function secretProvider(
  owner: string,
  { clientId, clientSecret, issuer, scope }: SecretClient,
  parameters: Readonly<Record<string, string | undefined>> = {},
): OAuthClientProvider {
  const provider = new ClientCredentialsProvider({
    clientId,
    clientSecret,
    expectedIssuer: issuer,
    ...(scope !== undefined && { scope }),
  });
  const prepare = provider.prepareTokenRequest.bind(provider);
  provider.prepareTokenRequest = (asked) => {
    const params = prepare(asked);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) {
        params.set(name, value);
      }
    }
    return params;
  };
  return Object.assign(provider, {
    addClientAuthentication: authentication(owner, clientId, clientSecret),
  });
}

/** How a client proves itself with its secret, by what the issuer supports. */
export function authentication(
  owner: string,
  clientId: string,
  clientSecret: string,
): AddClientAuthentication {
  return (headers, params, _url, metadata) => {
    const method = selectClientAuthMethod(
      { client_id: clientId, client_secret: clientSecret },
      metadata?.token_endpoint_auth_methods_supported ?? [],
    );
    const sent = clientCredentials(
      owner,
      method === 'client_secret_post' ? method : 'client_secret_basic',
      clientId,
      clientSecret,
    );
    Object.entries(sent.headers).forEach(([name, value]) =>
      headers.set(name, value),
    );
    Object.entries(sent.fields).forEach(([name, value]) =>
      params.set(name, value),
    );
  };
}
