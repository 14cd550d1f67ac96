import type { KoaContextWithOIDC } from 'oidc-provider';
import { InvalidTokenError } from '../../auth/token/token.errors.js';
import { ENDPOINTS } from '../endpoints/server-routes.js';
import {
  revocationIdOf,
  type OwnTokenVerifier,
} from '../own-token.verifier.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { ProviderAdapter } from '../storage/provider.adapter.js';
import type { ProtectedScopes } from './protected-scopes.js';

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
export async function answerForSignedToken(
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
