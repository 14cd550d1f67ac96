import type { Configuration } from 'oidc-provider';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import { GRANT_CLAIM } from '../local-token.verifier.js';
import { answerWithError } from './error-answer.js';
import type { OidcProviderPackage } from './load-oidc-provider.js';
import type { ProviderParts } from './provider-parts.interface.js';
import { loadRememberedGrant, REQUESTED_FROM } from './remembered-grant.js';

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
