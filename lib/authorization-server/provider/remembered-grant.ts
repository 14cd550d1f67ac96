import type { Configuration } from 'oidc-provider';
import type { RememberedConsents } from '../login/remembered-consents.js';
import type { ProtectedScopes } from './protected-scopes.js';

/**
 * Parameter of our own: what the browser said of where the request came from.
 * Kept with the request, as a login in between would make it look as if it came
 * from a page of ours.
 */
export const REQUESTED_FROM = 'mcp_requested_from';

/**
 * The grant that an authorization request can go on with, without a page: the
 * one that was just agreed to, else one for what was agreed to before. The
 * latter only for requests that the browser says did not come from another
 * site: a page elsewhere must not be able to fetch a code in silence.
 */
export function loadRememberedGrant(
  consents: RememberedConsents,
  scopes: ProtectedScopes,
): NonNullable<Configuration['loadExistingGrant']> {
  return async (context) => {
    const { oidc } = context;
    const { client, session, params, provider } = oidc;
    const agreed = oidc.result?.consent?.grantId;
    if (agreed) {
      return provider.Grant.find(agreed);
    }
    const subject = session?.accountId;
    const resource = params?.resource;
    const redirectUri = params?.redirect_uri;
    const requested = requestedScopes(params?.scope, scopes);
    if (
      !client ||
      !subject ||
      typeof resource !== 'string' ||
      typeof redirectUri !== 'string' ||
      oidc.prompts.has('consent') ||
      !['none', 'same-origin'].includes(String(params?.[REQUESTED_FROM]))
    ) {
      return undefined;
    }
    const { clientId } = client;
    const terms = { subject, clientId, redirectUri, resource };
    if (!(await consents.covers(terms, requested))) {
      return undefined;
    }
    const grant = new provider.Grant({ accountId: subject, clientId });
    grant.addResourceScope(resource, requested.join(' '));
    await grant.save();
    return grant;
  };
}

/** Of the scopes in a request, those that there are. */
export function requestedScopes(
  scope: unknown,
  { valid }: ProtectedScopes,
): readonly string[] {
  return typeof scope === 'string'
    ? scope.split(' ').filter((name) => valid.includes(name))
    : [];
}
