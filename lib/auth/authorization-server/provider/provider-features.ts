import type { Configuration } from 'oidc-provider';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import type { ClientRules } from './client-rules.js';
import type { OidcProviderPackage } from './load-oidc-provider.js';
import type { ProtectedScopes } from './protected-scopes.js';

/** What the features depend on. */
interface FeatureParts {
  readonly settings: AuthorizationServerSettings;
  readonly scopes: ProtectedScopes;
  readonly rules: ClientRules;
  /** Algorithm that tokens are signed with. */
  readonly alg: string;
  readonly errors: OidcProviderPackage['errors'];
}

/** The specifications beyond OAuth 2.1 that are offered; OpenID Connect's are not. */
export function providerFeatures({
  settings: { registration, revocation, clientIdMetadata, lifetimes },
  scopes,
  rules,
  alg,
  errors,
}: FeatureParts): NonNullable<Configuration['features']> {
  return {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    pushedAuthorizationRequests: { enabled: false },
    clientCredentials: { enabled: true },
    dPoP: { enabled: true },
    introspection: {
      enabled: true,
      // Clients are told of tokens of their own, and of nobody else's.
      allowedPolicy: (_context, client, token) =>
        client.clientAuthMethod !== 'none' &&
        token.clientId === client.clientId,
    },
    revocation: {
      enabled: revocation.enabled,
      allowedPolicy: (_context, client, token) =>
        token.clientId === client.clientId,
    },
    clientIdMetadataDocument: {
      enabled: clientIdMetadata.enabled,
      ack: 'draft-02',
    },
    registration: {
      enabled: registration.enabled,
      initialAccessToken: registration.initialAccessToken ?? false,
      issueRegistrationAccessToken: false,
      idFactory: (context) => rules.clientId(context),
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: (_context, _client, oneOf) =>
        oneOf?.[0] ?? scopes.resources[0] ?? [],
      useGrantedResource: () => true,
      getResourceServerInfo: ({ oidc: { params } }, resource, client) => {
        if (!scopes.resources.includes(resource)) {
          throw new errors.InvalidTarget();
        }
        const requested = params?.['scope'];
        const valid = scopes.validFor(client?.clientId);
        if (
          typeof requested === 'string' &&
          !requested.split(' ').some((name) => valid.includes(name))
        ) {
          throw new errors.InvalidScope('no scope of this client', requested);
        }
        return {
          scope: valid.join(' '),
          audience: resource,
          accessTokenTTL: lifetimes.accessToken,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: alg as 'ES256' } },
        };
      },
    },
  };
}
