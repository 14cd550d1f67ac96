import type { Configuration } from 'oidc-provider';
import { providerFetch } from '../upstream/provider-fetch.js';

/** Milliseconds that fetching the document of a client may take. */
const TIMEOUT = 5000;

/**
 * Fetches what clients name, such as the document that identifies one: only
 * https, only public addresses, no redirects, bounded in time and size.
 */
export const documentFetch: NonNullable<Configuration['fetch']> = (
  url,
  { method = 'GET', headers } = {},
) =>
  providerFetch({ source: 'client' }, TIMEOUT)(
    url instanceof Request ? url.url : url.toString(),
    {
      method,
      headers: Object.fromEntries(new Headers(headers).entries()),
    },
  );
