import type { Configuration } from 'oidc-provider';
import { parseJson } from '../../fetch/fetch-json.js';
import { providerFetch } from '../upstream/provider-fetch.js';
import { memberOfWrongType } from './client-types.js';

/** Milliseconds that fetching the document of a client may take. */
const TIMEOUT = 5000;

/**
 * Fetches what clients name, such as the document that identifies one: only
 * https, only public addresses, no redirects, bounded in time and size. A client
 * with a member of a wrong type passes for one that there is no document of.
 */
export const documentFetch: NonNullable<Configuration['fetch']> = async (
  url,
  { method = 'GET', headers } = {},
) => {
  const response = await providerFetch({ source: 'client' }, TIMEOUT)(
    url instanceof Request ? url.url : url.toString(),
    {
      method,
      headers: Object.fromEntries(new Headers(headers).entries()),
    },
  );
  const document = parseJson(await response.clone().text());
  return memberOfWrongType(document) === undefined
    ? response
    : new Response(null, { status: 404 });
};
