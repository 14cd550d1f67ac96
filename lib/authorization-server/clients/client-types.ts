import type { Configuration, KoaContextWithOIDC } from 'oidc-provider';
import { isJsonObject, parseJson } from '../../auth/fetch/guarded-fetch.js';
import type { ClientIdMetadataOptions } from '../../auth/issuer/endpoint-options.interface.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { providerFetch } from '../upstream/provider-fetch.js';
import type { ParsedRequest } from './presented-client.js';
import { statedMembers } from './registration.limits.js';

/** Members of a client that are lists of texts (RFC 7591, section 2; OpenID Connect Dynamic Client Registration, section 2). */
const LISTS: ReadonlySet<string> = new Set([
  'redirect_uris',
  'grant_types',
  'response_types',
  'response_modes',
  'contacts',
  'default_acr_values',
  'post_logout_redirect_uris',
  'request_uris',
]);

/** Members that are texts, beside those that name a URI or an algorithm. */
const TEXTS: ReadonlySet<string> = new Set([
  'token_endpoint_auth_method',
  'client_id',
  'client_name',
  'client_secret',
  'scope',
  'software_id',
  'software_version',
  'software_statement',
  'application_type',
  'subject_type',
]);

const TEXT_NAME = /_(alg|enc|uri)$/;

/**
 * Takes what says nothing out of registrations, and refuses those with members
 * of a wrong type before the provider reads them, as it takes members that it
 * has not looked at yet for texts.
 */
export function readRegistration({
  registration,
}: AuthorizationServerSettings) {
  return async (
    context: KoaContextWithOIDC,
    next: () => Promise<void>,
  ): Promise<void> => {
    const request = context.req as ParsedRequest;
    if (
      context.method !== 'POST' ||
      context.path !== registration.endpoint ||
      !isJsonObject(request.body)
    ) {
      return next();
    }
    const stated = statedMembers(request.body);
    const wrong = memberOfWrongType(stated);
    request.body = stated;
    if (wrong === undefined) {
      return next();
    }
    context.status = 400;
    context.set('Cache-Control', 'no-store');
    context.body = {
      error:
        wrong === 'redirect_uris'
          ? 'invalid_redirect_uri'
          : 'invalid_client_metadata',
      error_description: `${wrong} has a wrong type`,
    };
  };
}

/** Name of the first member of a client that is not what it has to be; undefined where all are right. */
export function memberOfWrongType(
  metadata: Readonly<Record<string, unknown>>,
): string | undefined {
  return Object.keys(metadata).find(
    (name) => !isOfRightType(name, metadata[name]),
  );
}

function isOfRightType(name: string, value: unknown): boolean {
  if (LISTS.has(name)) {
    return Array.isArray(value) && value.every(isText);
  }
  return !(TEXTS.has(name) || TEXT_NAME.test(name)) || isText(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

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
