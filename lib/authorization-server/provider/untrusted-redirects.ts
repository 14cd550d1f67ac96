import type Provider from 'oidc-provider';
import type { errors, KoaContextWithOIDC } from 'oidc-provider';
import type { RememberedConsents } from '../login/remembered-consents.js';
import type { PageResponder } from '../login/page.responder.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { answerWithError } from './error-answer.js';

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
export function holdUntrustedRedirects(
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
