import type { EventEmitter } from 'node:events';
import type { Logger } from '@nestjs/common';
import type Provider from 'oidc-provider';
import type { Configuration } from 'oidc-provider';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { ConsentMemory } from '../interaction/consent.memory.js';
import type { PageResponder } from '../interaction/page.responder.js';
import type { SigningKey } from '../keys/signing-keys.js';
import {
  GRANT_CLAIM,
  type LocalTokenVerifier,
} from '../local-token.verifier.js';
import { checkIssuer } from '../options/check-issuer.js';
import type { AuthorizationServerSettings } from '../options/authorization-server.settings.js';
import { RedirectUriPolicy } from '../registration/redirect-uri.policy.js';
import type { OAuthStore } from '../storage/oauth.store.js';
import { ProviderAdapter } from '../storage/provider.adapter.js';
import { ClientLifetime } from './client-lifetime.js';
import { ClientRules, staticClients } from './client-rules.js';
import { enforceClientMethods } from './client-methods.js';
import { documentFetch } from './document-fetch.js';
import {
  loadOidcProvider,
  type OidcProviderPackage,
} from './load-oidc-provider.js';
import { prepareRequest } from './prepare-request.js';
import type { ProtectedScopes } from './protected-scopes.js';
import { providerFeatures } from './provider-features.js';
import { loadRememberedGrant, REQUESTED_FROM } from './remembered-grant.js';

/** What the provider is made of. */
export interface ProviderParts {
  readonly issuer: string;
  readonly basePath: string;
  readonly settings: AuthorizationServerSettings;
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly secrets: readonly string[];
  readonly store: OAuthStore;
  readonly verifier: LocalTokenVerifier;
  readonly scopes: ProtectedScopes;
  readonly consents: ConsentMemory;
  readonly responder: PageResponder;
  /** Whether a person who has logged in here need not log in elsewhere again. */
  readonly isKnown: (subject: string) => Promise<boolean>;
  readonly logger: Logger;
}

/** Configures `oidc-provider` for what MCP asks of an authorization server. */
export async function createProvider(parts: ProviderParts): Promise<Provider> {
  checkIssuer('the origin of auth.resource', parts.issuer);
  const library = await loadOidcProvider();
  const { default: OidcProvider } = library;
  const { settings, store, logger } = parts;
  const lifetime = new ClientLifetime(settings, store);
  const recordsOf = (kind: string): ProviderAdapter =>
    new ProviderAdapter(kind, store, (...record) => lifetime.of(...record));
  const provider = new OidcProvider(parts.issuer, {
    adapter: recordsOf,
    ...clientConfiguration(parts, library),
    ...keyConfiguration(parts),
    ...flowConfiguration(parts, library),
  });
  provider.use(prepareRequest(parts));
  provider.use(enforceClientMethods(provider, settings));
  provider.on('server_error', (_context, error) => logger.error(error));
  // Of Koa, which would write to the console.
  (provider as EventEmitter).on('error', (error) => logger.error(error));
  lifetime.watch(provider, recordsOf('Client'), (error) => logger.error(error));
  return provider;
}

/** Who may be a client, and what is offered to it. */
function clientConfiguration(
  { settings, scopes, keys: [{ alg }] }: ProviderParts,
  { errors }: OidcProviderPackage,
): Configuration {
  const redirectUris = new RedirectUriPolicy(
    settings.registration.redirectUris,
  );
  const rules = new ClientRules(settings, scopes, redirectUris, errors);
  return {
    clients: staticClients(settings),
    clientDefaults: {
      // Without it RFC 7591 means `web`, whose loopback redirects have one port.
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: alg as 'ES256',
    },
    clientAuthMethods: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    extraClientMetadata: rules.extraClientMetadata,
    // Clients identify themselves by secret or PKCE, never by cookies.
    clientBasedCORS: () => true,
    fetch: documentFetch,
    features: providerFeatures({
      settings,
      scopes,
      rules,
      redirectUris,
      alg,
      errors,
    }),
  };
}

function keyConfiguration({
  keys,
  secrets,
  issuer,
}: ProviderParts): Configuration {
  const isSecure = issuer.startsWith('https:');
  const cookie = {
    httpOnly: true,
    sameSite: 'lax',
    secure: isSecure,
    signed: true,
  } as const;
  return {
    jwks: { keys: keys as never },
    enabledJWA: {
      idTokenSigningAlgValues: [
        ...new Set(keys.map(({ alg }) => alg as 'ES256')),
      ],
    },
    cookies: {
      keys: [...secrets],
      names: {
        // Its path is `/` and it has no domain, as the prefix demands.
        session: isSecure ? '__Host-mcp-session' : 'mcp-session',
        // Their paths are longer, so that prefix is not for them.
        interaction: `${isSecure ? '__Secure-' : ''}mcp-interaction`,
        resume: `${isSecure ? '__Secure-' : ''}mcp-resume`,
      },
      long: cookie,
      short: cookie,
    },
  };
}

/** The way from a request to tokens. */
function flowConfiguration(
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
    renderError: (context, { error, error_description: description }) => {
      // Browsers ask for HTML by name, programs for anything.
      if (context.accepts('json', 'html') !== 'html') {
        context.body = { error, error_description: description };
        context.set('Cache-Control', 'no-store');
        return;
      }
      // Koa must not answer what is answered here.
      context.respond = false;
      responder.error(context.res, context.status, {
        title: 'This login cannot go on',
        message: `${description ?? 'The request was not accepted'} (${error}).`,
      });
    },
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
