import type { EventEmitter } from 'node:events';
import type Provider from 'oidc-provider';
import type { Configuration, errors, KoaContextWithOIDC } from 'oidc-provider';
import { checkIssuer } from '../authorization-server.settings.js';
import { RedirectUriPolicy } from '../clients/redirect-uri.policy.js';
import { ProviderAdapter } from '../storage/provider.adapter.js';
import { RefreshAnswers } from '../storage/refresh.answers.js';
import {
  ClientLifetime,
  enforceClientMethods,
} from '../clients/client-lifetime.js';
import { ClientRules, staticClients } from '../clients/client-rules.js';
import { readRegistration, documentFetch } from '../clients/client-types.js';
import {
  flowConfiguration,
  providerFeatures,
  type ProviderParts,
} from './flow-configuration.js';
import {
  loadOidcProvider,
  type OidcProviderPackage,
} from '../../platform/optional-packages.js';
import { prepareRequest } from './prepare-request.js';
import { limitRequests } from './request-limits.js';
import { RefreshRotation } from './refresh-rotation.js';
import { slowSecretGuesses } from '../clients/secret-guesses.js';
import type { RememberedConsents } from '../login/remembered-consents.js';
import type { PageResponder } from '../login/page.responder.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { answerWithError } from '../login/interaction-failure.js';

/** Configures `oidc-provider` for what MCP asks of an authorization server. */
export async function createProvider(parts: ProviderParts): Promise<Provider> {
  checkIssuer('the origin of auth.resource', parts.issuer);
  const library = await loadOidcProvider();
  const { default: OidcProvider } = library;
  const { settings, store, logger } = parts;
  const lifetime = new ClientLifetime(settings, store);
  const rotation = new RefreshRotation(
    new RefreshAnswers(
      store,
      'RefreshToken',
      settings.lifetimes.refreshTokenReuse,
    ),
    parts.stepUps,
  );
  const recordsOf = (kind: string): ProviderAdapter =>
    new ProviderAdapter(
      kind,
      store,
      (...record) => lifetime.of(...record),
      kind === 'RefreshToken' ? rotation : undefined,
    );
  const provider = new OidcProvider(parts.issuer, {
    adapter: recordsOf,
    ...clientConfiguration(parts, library),
    ...keyConfiguration(parts),
    ...flowConfiguration(parts, library),
  });
  provider.use(prepareRequest(parts));
  provider.use(
    lifetime.middleware(recordsOf('Client'), (error) => logger.error(error)),
  );
  provider.use(holdUntrustedRedirects(provider, parts));
  provider.use(readRegistration(settings));
  provider.use(limitRequests(parts, recordsOf('Client')));
  provider.use(rotation.middleware());
  provider.use(enforceClientMethods(provider, settings));
  provider.use(slowSecretGuesses(parts));
  provider.on('server_error', (_context, error) => logger.error(error));
  // Of Koa, which would write to the console.
  (provider as EventEmitter).on('error', (error) => logger.error(error));
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
  const rules = new ClientRules(settings, redirectUris, errors);
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
    fetch: documentFetch(settings.clientIdMetadata),
    features: providerFeatures({
      settings,
      scopes,
      rules,
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

/** What decides whether an address is trusted. */
interface Parts {
  readonly settings: AuthorizationServerSettings;
  readonly consents: RememberedConsents;
  readonly responder: PageResponder;
}

/**
 * Tells an error of an authorization request by a page where it would have sent
 * the browser to an address that nobody vouches for: anybody can register one
 * (RFC 9700, section 4.11.2). Clients that the server knows beforehand get their
 * errors, and so do those that this person let have a code at that address, or
 * has just decided on. A client id metadata document is as good as a
 * registration: anybody can publish one.
 */
function holdUntrustedRedirects(
  provider: Provider,
  { settings, consents, responder }: Parts,
) {
  const known = new Set(
    (settings.options.clients ?? []).map(({ clientId }) => clientId),
  );
  const failures = new WeakMap<object, errors.OIDCProviderError>();
  provider.on('authorization.error', (context, error) =>
    failures.set(context, error),
  );
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    await next();
    const failure = failures.get(context);
    if (
      !failure ||
      !leavesForClient(context) ||
      known.has(context.oidc.client?.clientId ?? '') ||
      wasDecided(context) ||
      (await isTrusted(context, consents))
    ) {
      return;
    }
    context.remove('Location');
    context.body = null;
    context.status = 400;
    answerWithError(context, responder, {
      error: failure.error,
      ...(failure.error_description !== undefined && {
        error_description: failure.error_description,
      }),
    });
  };
}

/** By a redirect, or by a form that sends itself; an error that stays here is a page already, or JSON. */
function leavesForClient(context: KoaContextWithOIDC): boolean {
  return context.respond !== false && typeof context.body === 'string';
}

/** Whether a person has agreed or declined on a page of ours, or at the identity provider after it. */
function wasDecided({ oidc }: KoaContextWithOIDC): boolean {
  const result = oidc.entities.Interaction?.result;
  return result?.['error'] !== undefined || result?.consent !== undefined;
}

async function isTrusted(
  { oidc: { client, session, params } }: KoaContextWithOIDC,
  consents: RememberedConsents,
): Promise<boolean> {
  const subject = session?.accountId;
  const redirectUri = params?.['redirect_uri'];
  return (
    client !== undefined &&
    subject !== undefined &&
    typeof redirectUri === 'string' &&
    (await consents.hasMet({ subject, clientId: client.clientId, redirectUri }))
  );
}
