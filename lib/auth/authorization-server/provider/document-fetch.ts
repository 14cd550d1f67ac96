import type { Configuration } from 'oidc-provider';
import type { ClientIdMetadataOptions } from '../options/endpoint-options.interface.js';
import { providerFetch } from '../upstream/provider-fetch.js';

/** Milliseconds that fetching the document of a client may take. */
const TIMEOUT = 5000;

/**
 * Fetches what clients name, such as the document that identifies one. Without a
 * function of the application's: only https, only public addresses, no
 * redirects, bounded in time and size.
 */
export function documentFetch({
  fetch = providerFetch({ source: 'client' }, TIMEOUT),
}: ClientIdMetadataOptions): NonNullable<Configuration['fetch']> {
  return (url, { method = 'GET', headers } = {}) =>
    fetch(url instanceof Request ? url.url : url.toString(), {
      method,
      headers: Object.fromEntries(new Headers(headers).entries()),
      redirect: 'manual',
    });
}
