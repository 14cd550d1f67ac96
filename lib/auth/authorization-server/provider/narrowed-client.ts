import type { ClientMetadata, errors as ProviderErrors } from 'oidc-provider';
import {
  isLoopbackHost,
  type RedirectUriPolicy,
  refusedRedirects,
} from '../registration/redirect-uri.policy.js';

/** What clients that nobody knows beforehand can do here. */
const POSSIBLE = {
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
} as const;

const RESPONSE_MODES = ['query', 'fragment', 'form_post'];

/** Members that only tell people something. */
const PAGES = ['client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const;

/**
 * Narrows what a client says of itself, by registration or by its document, to
 * what this server does: it may replace values, and its answer names those that
 * are in force (RFC 7591, section 3.2.1). Refused is what would be of no use to
 * the client then.
 *
 * @throws InvalidRedirectUri, InvalidClientMetadata of the provider, naming the
 *   member
 */
export function narrowClient(
  metadata: ClientMetadata,
  policy: RedirectUriPolicy,
  errors: typeof ProviderErrors,
): void {
  const given = metadata.redirect_uris ?? [];
  const allowed = given.filter((uri) => policy.allows(uri));
  const isWeb = metadata.application_type === 'web' && allowed.every(isHttps);
  // Only a web client's page can be under https at a loopback address.
  const usable = isWeb ? allowed : allowed.filter((uri) => !isLocalPage(uri));
  if (usable.length === 0) {
    throw Object.assign(new errors.InvalidRedirectUri(), {
      // The class takes none; its own is about authorization requests.
      error_description: refusedRedirects(given),
    });
  }
  metadata.application_type = isWeb ? 'web' : 'native';
  metadata.redirect_uris = usable;
  for (const [name, possible] of Object.entries(POSSIBLE)) {
    const kept = keep(metadata, name, possible);
    if (kept === 0) {
      throw new errors.InvalidClientMetadata(
        `${name} has nothing that clients can register for here, which is ${possible.join(', ')}`,
      );
    }
  }
  if (keep(metadata, 'response_modes', RESPONSE_MODES) === 0) {
    delete metadata.response_modes;
  }
  if (metadata.token_endpoint_auth_method !== 'private_key_jwt') {
    delete metadata['token_endpoint_auth_signing_alg'];
  }
  for (const name of PAGES) {
    if (!isWebPage(metadata[name])) {
      delete metadata[name];
    }
  }
  // Clients register with the scopes of their first login; a later one may ask for more.
  delete metadata.scope;
}

/** Leaves out what is not possible, and counts the rest; undefined where nothing was given. */
function keep(
  metadata: ClientMetadata,
  name: string,
  possible: readonly string[],
): number | undefined {
  const given = metadata[name];
  if (!Array.isArray(given)) {
    return undefined;
  }
  const kept = possible.filter((value) => given.includes(value));
  metadata[name] = kept;
  return kept.length;
}

function isHttps(uri: string): boolean {
  return new URL(uri).protocol === 'https:';
}

function isLocalPage(uri: string): boolean {
  return isHttps(uri) && isLoopbackHost(new URL(uri).hostname);
}

function isWebPage(value: unknown): boolean {
  const text = String(value);
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
