import type { ParsedUrlQuery } from 'node:querystring';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import {
  VerifierUnavailableError,
  InvalidTokenError,
} from '../../auth/token/token.errors.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import {
  type ParsedRequest,
  presentedClient,
} from '../clients/presented-client.js';
import { oauthError } from '../endpoints/oauth.request.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import type { PageResponder } from '../login/page.responder.js';
import {
  type OwnTokenVerifier,
  revocationIdOf,
} from '../own-token.verifier.js';
import { StoreUnavailableError } from '../storage/store.errors.js';
import {
  answerWithError,
  askToComeBack,
} from '../login/interaction-failure.js';
import type { ProtectedScopes } from './protected-scopes.js';
import { REQUESTED_FROM } from './remembered-grant.js';
import { ProviderAdapter } from '../storage/provider.adapter.js';

/** Values of `prompt` that there is something for here. */
const PROMPTS: ReadonlyMap<string, string> = new Map([
  ['none', 'none'],
  ['login', 'login'],
  ['consent', 'consent'],
  // Whoever logs in anew says which account it is.
  ['select_account', 'login'],
]);

/** What only ID tokens have; the provider refuses it where there is to be none. `max_age` is refused, as nobody could see that it was not heeded. */
const OPENID_PARAMETERS = ['nonce', 'acr_values', 'claims_locales'];

/**
 * An authorization request as it is understood here: consent and tokens are for
 * exactly the scopes and the resource that are then written in it; what says
 * nothing here is left out. What is given twice is for the provider to refuse.
 */
function settledQuery(
  query: ParsedUrlQuery,
  scopes: ProtectedScopes,
): ParsedUrlQuery {
  const settled = { ...query };
  const { scope = '', client_id: clientId, prompt, resource } = query;
  if (typeof scope === 'string' && !Array.isArray(clientId)) {
    settled['scope'] = scopes.narrow(scope, clientId)?.join(' ') ?? scope;
  }
  if (resource !== undefined) {
    settled['resource'] = scopes.named(resource) as string | string[];
  }
  if (typeof prompt === 'string') {
    const known = prompt
      .split(' ')
      .flatMap((value) => PROMPTS.get(value) ?? []);
    delete settled['prompt'];
    if (known.length > 0) {
      settled['prompt'] = [...new Set(known)].join(' ');
    }
  }
  if (!String(settled['scope']).split(' ').includes('openid')) {
    for (const name of OPENID_PARAMETERS) {
      delete settled[name];
    }
  }
  return settled;
}

/** The issuer and what it offers. */
interface Parts {
  readonly issuer: string;
  readonly settings: AuthorizationServerSettings;
  readonly scopes: ProtectedScopes;
  readonly verifier: OwnTokenVerifier;
  readonly store: OAuthStore;
  readonly responder: PageResponder;
}

const METADATA = '/.well-known/';

/**
 * What is done before and after the provider: its own URLs come from the
 * configured issuer, whatever the `Host` header says; clients that name no
 * scope get the default ones; the metadata tells what is offered here.
 */
export function prepareRequest(parts: Parts) {
  const { issuer, settings, scopes } = parts;
  const { protocol, host, pathname } = new URL(issuer);
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    Object.defineProperties(context.request, {
      protocol: { get: () => protocol.slice(0, -1) },
      host: { get: () => host },
    });
    // The provider finds it by comparing URLs, one of which is changed below.
    Object.assign(context, { mountPath: pathname.replace(/\/$/, '') });
    settleRequest(context, scopes);
    allowRegistrationFromBrowsers(context, settings.registration.endpoint);
    if (context.method === 'OPTIONS' && context.status === 204) {
      return;
    }
    try {
      await next();
      await answerForSignedToken(context, parts);
    } catch (error) {
      answerOutage(context, parts, error);
    }
    if (context.respond === false) {
      return;
    }
    askToComeBack(context);
    if (context.status === 404 && context.body === undefined) {
      context.body = oauthError(404);
      context.status = 404;
    }
    if (context.path.startsWith(METADATA) && context.status === 200) {
      context.body = metadata(context.body as Metadata, settings, scopes);
      context.set('Cache-Control', 'public, max-age=300');
    }
  };
}

/** Where the storage fails beside what the provider itself answers for. */
function answerOutage(
  context: KoaContextWithOIDC,
  { responder }: Parts,
  error: unknown,
): void {
  if (
    !(error instanceof StoreUnavailableError) &&
    !VerifierUnavailableError.is(error)
  ) {
    throw error;
  }
  context.status = 503;
  answerWithError(context, responder, oauthError(503));
}

/** Writes what is asked for into the request, as the server understands it. */
function settleRequest(
  context: KoaContextWithOIDC,
  scopes: ProtectedScopes,
): void {
  if (context.path === ENDPOINTS.authorize) {
    context.query = {
      ...settledQuery(context.query, scopes),
      // Kept with the request; the longest value that there is has 11 characters.
      [REQUESTED_FROM]: context.get('sec-fetch-site').slice(0, 20),
    };
  }
  const { body } = context.req as ParsedRequest;
  const form = (body ?? {}) as Record<string, unknown>;
  if (context.path === ENDPOINTS.token && form['resource'] !== undefined) {
    form['resource'] = scopes.named(form['resource']);
  }
  if (
    context.path === ENDPOINTS.token &&
    form['grant_type'] === 'client_credentials' &&
    (form['scope'] ?? '') === ''
  ) {
    const { clientId } = presentedClient(context.req);
    form['scope'] = scopes.narrow('', clientId)?.join(' ');
  }
}

type Metadata = Readonly<Record<string, unknown>>;

/** RFC 8414, section 2, without what only OpenID providers have. */
function metadata(
  document: Metadata,
  { revocation, registration }: AuthorizationServerSettings,
  { valid }: ProtectedScopes,
): Metadata {
  const methods = document['token_endpoint_auth_methods_supported'];
  const secretMethods = (methods as readonly string[]).filter(
    (method) => method !== 'none',
  );
  const { claims_supported: _claims, ...kept } = document;
  return {
    ...kept,
    scopes_supported: valid,
    introspection_endpoint_auth_methods_supported: secretMethods,
    ...(revocation.enabled && {
      revocation_endpoint_auth_methods_supported:
        revocation.authMethod === undefined ? methods : [revocation.authMethod],
    }),
    ...(!registration.enabled && { registration_endpoint: undefined }),
  };
}

/** The provider's own CORS asks which client it is, and here there is none yet. */
function allowRegistrationFromBrowsers(
  context: KoaContextWithOIDC,
  endpoint: string,
): void {
  if (context.path !== endpoint) {
    return;
  }
  context.set('Access-Control-Allow-Origin', '*');
  if (context.method === 'OPTIONS') {
    context.set('Access-Control-Allow-Methods', 'POST');
    context.set('Access-Control-Allow-Headers', 'Content-Type, Authorization');
    context.set('Access-Control-Max-Age', '600');
    context.status = 204;
  }
}

/** What answers for tokens that are signed. */
interface Parts {
  readonly settings: AuthorizationServerSettings;
  readonly scopes: ProtectedScopes;
  readonly verifier: OwnTokenVerifier;
  readonly store: OAuthStore;
}

/**
 * Revokes and introspects access tokens, which the provider cannot as they are
 * JWTs that it does not keep. To be called when the provider has found out who
 * the client is. As RFC 7009 and RFC 7662 have it, a client learns and changes
 * nothing of tokens that are not its own.
 */
async function answerForSignedToken(
  context: KoaContextWithOIDC,
  { settings: { revocation }, scopes, verifier, store }: Parts,
): Promise<void> {
  const isRevocation = context.path === revocation.endpoint;
  const { error } = (context.body ?? {}) as { error?: unknown };
  if (
    error !== 'unsupported_token_type' ||
    !(isRevocation || context.path === ENDPOINTS.introspect)
  ) {
    return;
  }
  const { client, params } = context.oidc;
  const token = await verifier
    .verify(String(params?.['token']), { audience: scopes.resources })
    .then(
      (found) => (found.clientId === client?.clientId ? found : undefined),
      unlessRefused,
    );
  context.status = 200;
  if (!isRevocation) {
    const isAllowed = token && client?.clientAuthMethod !== 'none';
    context.body = isAllowed
      ? {
          active: true,
          token_type: token.claims['cnf'] === undefined ? 'Bearer' : 'DPoP',
          ...token.claims,
        }
      : { active: false };
    return;
  }
  context.body = '';
  const id = token && revocationIdOf(token.claims);
  if (id !== undefined) {
    await new ProviderAdapter('Grant', store).revokeByGrantId(id);
  }
}

function unlessRefused(error: unknown): undefined {
  if (!(error instanceof InvalidTokenError)) {
    throw error;
  }
}
