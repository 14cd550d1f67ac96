import type { ClientAuthMethod } from '../../auth/verifiers/client-authentication.js';
import { readSecureUrl } from '../../options/option-values.js';
import type { IssuerMetadata } from '../../auth/verifiers/discovery/discover-issuer.js';

/**
 * The provider answers, but must not send its codes to clients directly, or
 * cannot. The message is for the log and for start-up alone.
 */
export class UnsuitableProviderError extends Error {
  override readonly name = 'UnsuitableProviderError';

  /** @param found what was found, as a sentence without its full stop */
  constructor(issuer: string, found: string) {
    super(
      `auth.callback is "direct", which the provider "${issuer}" is not fit ` +
        `for: ${found}. Leave out auth.callback: then auth.setupProxies has ` +
        'codes come to this server, which suits every provider.',
    );
  }
}

/**
 * Whether a provider may answer clients that take this server for theirs: one
 * that sends `iss` would be refused by them (RFC 9207, section 2.4), and without
 * PKCE a code would be whose it is not.
 *
 * @throws UnsuitableProviderError
 */
export function checkDirectProvider(metadata: IssuerMetadata): void {
  const refuse = (found: string): never => {
    throw new UnsuitableProviderError(metadata.issuer, found);
  };
  if (metadata['authorization_response_iss_parameter_supported'] === true) {
    refuse(
      'its metadata has authorization_response_iss_parameter_supported, so ' +
        'clients would get its issuer in place of this one, and refuse',
    );
  }
  if (!listOf(metadata, 'code_challenge_methods_supported')?.includes('S256')) {
    refuse('code_challenge_methods_supported of its metadata has no "S256"');
  }
  for (const [member, needed] of [
    ['response_types_supported', 'code'],
    ['grant_types_supported', 'authorization_code'],
  ] as const) {
    const list = listOf(metadata, member);
    if (list && !list.includes(needed)) {
      refuse(`${member} of its metadata has no "${needed}"`);
    }
  }
  for (const member of ['authorization_endpoint', 'token_endpoint'] as const) {
    if (!readSecureUrl(metadata[member])) {
      refuse(`${member} of its metadata is no https URL`);
    }
  }
  if (tokenAuthMethod(metadata) === undefined) {
    refuse('its token endpoint takes no client secret');
  }
}

/** How the secret is sent (RFC 8414, section 2); undefined where it is not taken. */
export function tokenAuthMethod(
  metadata: IssuerMetadata,
): ClientAuthMethod | undefined {
  const methods = listOf(metadata, 'token_endpoint_auth_methods_supported');
  return !methods || methods.includes('client_secret_basic')
    ? 'client_secret_basic'
    : methods.includes('client_secret_post')
      ? 'client_secret_post'
      : undefined;
}

/** A member that is a list of texts; undefined for everything else. */
export function listOf(
  metadata: IssuerMetadata,
  member: string,
): readonly string[] | undefined {
  const value = metadata[member];
  return Array.isArray(value) &&
    value.every((text): text is string => typeof text === 'string')
    ? value
    : undefined;
}
