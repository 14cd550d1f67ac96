import type { ParsedUrlQuery } from 'node:querystring';
import type { ProtectedScopes } from './protected-scopes.js';

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
export function settledQuery(
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
