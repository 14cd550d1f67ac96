import type { Configuration } from 'oidc-provider';
import type { ClientIdMetadataOptions } from '../options/endpoint-options.interface.js';
import { isJsonObject, parseJson } from '../../fetch/fetch-json.js';
import { statedMembers } from '../registration/bounded-metadata.js';
import { providerFetch } from '../upstream/provider-fetch.js';
import { memberOfWrongType } from './client-types.js';

/** Milliseconds that fetching the document of a client may take. */
const TIMEOUT = 5000;

/** Bytes that a document may have. */
const MAX_BYTES = 262_144;

/**
 * Fetches what clients name, such as the document that identifies one. Without a
 * function of the application's: only https, only public addresses, no
 * redirects, bounded in time and size. A client with a member of a wrong type,
 * or with more than anybody has to say, passes for one that there is no document
 * of.
 */
export function documentFetch({
  fetch = providerFetch({ source: 'client' }, TIMEOUT),
}: ClientIdMetadataOptions): NonNullable<Configuration['fetch']> {
  return async (url, { method = 'GET', headers } = {}) => {
    const response = await fetch(
      url instanceof Request ? url.url : url.toString(),
      {
        method,
        headers: Object.fromEntries(new Headers(headers).entries()),
        redirect: 'manual',
      },
    );
    const text = await textOf(response);
    const parsed = text === undefined ? undefined : parseJson(text);
    const stated = isJsonObject(parsed) ? statedMembers(parsed) : undefined;
    return text === undefined || (stated && memberOfWrongType(stated))
      ? new Response(null, { status: 404 })
      : new Response(
          response.body && (stated ? JSON.stringify(stated) : text),
          response,
        );
  };
}

/** Undefined for a body that is too large. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
