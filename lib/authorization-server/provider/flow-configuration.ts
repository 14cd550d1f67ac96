import type { Logger } from '@nestjs/common';
import type { Configuration } from 'oidc-provider';
import type { McpSecurityEvents } from '../../auth/audit/security-events.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import type { OidcProviderPackage } from '../../platform/optional-packages.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import type { ClientRules } from '../clients/client-rules.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { SigningKey } from '../server-keys.js';
import type { PageResponder } from '../login/page.responder.js';
import type { RememberedConsents } from '../login/remembered-consents.js';
import { GRANT_CLAIM, type OwnTokenVerifier } from '../own-token.verifier.js';
import type { StepUps } from '../step-ups.js';
import { answerWithError } from '../login/interaction-failure.js';
import type { ProtectedScopes } from './protected-scopes.js';
import { loadRememberedGrant, REQUESTED_FROM } from './remembered-grant.js';

/** What the provider is made of. */
export interface ProviderParts {
  readonly issuer: string;
  readonly basePath: string;
  readonly settings: AuthorizationServerSettings;
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly secrets: readonly string[];
  readonly store: OAuthStore;
  readonly events: McpSecurityEvents;
  readonly verifier: OwnTokenVerifier;
  readonly stepUps: StepUps;
  readonly scopes: ProtectedScopes;
  readonly consents: RememberedConsents;
  readonly responder: PageResponder;
  /** Whether a person who has logged in here need not log in elsewhere again. */
  readonly isKnown: (subject: string) => Promise<boolean>;
  readonly logger: Logger;
}

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

/** The way from a request to tokens. */
export function flowConfiguration(
  { settings, scopes, consents, responder, basePath, isKnown }: ProviderParts,
  { interactionPolicy }: OidcProviderPackage,
): Configuration {
  const { lifetimes, registration, revocation } = settings;
  const policy = interactionPolicy.base();
  // Consents are remembered for native clients too: see `loadRememberedGrant`.
  policy.get('consent')?.checks.remove('native_client_prompt');
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check(
        'unknown_account',
        'The person has to log in again',
        'login_required',
        ({ oidc: { session, account } }) =>
          session?.accountId !== undefined && account === undefined,
      ),
    );
  return {
    routes: {
      authorization: ENDPOINTS.authorize,
      token: ENDPOINTS.token,
      introspection: ENDPOINTS.introspect,
      jwks: ENDPOINTS.jwks,
      registration: registration.endpoint,
      revocation: revocation.endpoint,
    },
    responseTypes: ['code'],
    pkce: { required: () => true },
    extraParams: [REQUESTED_FROM],
    rotateRefreshToken: true,
    issueRefreshToken: (_context, client) =>
      client.grantTypeAllowed('refresh_token'),
    expiresWithSession: () => false,
    allowOmittingSingleRegisteredRedirectUri: false,
    findAccount: async (_context, accountId) =>
      (await isKnown(accountId))
        ? { accountId, claims: () => ({ sub: accountId }) }
        : undefined,
    extraTokenClaims: (_context, token) =>
      'grantId' in token && typeof token.grantId === 'string'
        ? { [GRANT_CLAIM]: token.grantId }
        : undefined,
    loadExistingGrant: loadRememberedGrant(consents, scopes),
    interactions: {
      policy,
      url: (_context, { uid }) => `${basePath}${ENDPOINTS.interaction}/${uid}`,
    },
    renderError: (context, out) => answerWithError(context, responder, out),
    ttl: {
      AccessToken: lifetimes.accessToken,
      ClientCredentials: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      RefreshToken: lifetimes.refreshToken,
      Interaction: lifetimes.interaction,
      Session: lifetimes.session,
      Grant: lifetimes.usedClient,
      IdToken: lifetimes.accessToken,
    },
  };
}
