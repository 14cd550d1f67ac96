/** What a challenge tells the client (RFC 6750, section 3; RFC 9728, section 5.1). */
export interface ChallengeParameters {
  /** Left out where no credentials were sent. */
  readonly error?: 'invalid_token' | 'insufficient_scope' | 'invalid_request';
  readonly errorDescription?: string;
  /** Scopes the client should ask for. */
  readonly scopes?: readonly string[];
  /** Where the metadata document is. */
  readonly resourceMetadata?: string | undefined;
}

/** Asking for refresh tokens is the client's own business (MCP Authorization, "Scope Selection"). */
const NEVER_ASKED_FOR = 'offline_access';

/**
 * Writes the `WWW-Authenticate` header of a refusal. Provide one of your own to
 * add a `realm`, say.
 *
 * @publicApi
 */
export class AuthChallenge {
  /** The header's value (RFC 6750, section 3; RFC 9728, section 5.1). */
  header(scheme: string, parameters: ChallengeParameters): string {
    const scope = parameters.scopes
      ?.filter((name) => name !== NEVER_ASKED_FOR)
      .join(' ');
    const written = Object.entries({
      error: parameters.error,
      error_description: parameters.errorDescription,
      scope: scope || undefined,
      resource_metadata: parameters.resourceMetadata,
    }).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}="${quotable(value)}"`],
    );
    return [scheme, written.join(', ')].filter(Boolean).join(' ');
  }
}

/** A quoted-string without anything to escape (RFC 6750, section 3, allows no more). */
function quotable(value: string): string {
  return value.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, ' ');
}
