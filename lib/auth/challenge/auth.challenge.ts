import { HttpException } from '@nestjs/common';

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

/**
 * A refusal by `McpAuthGuard`. The body is OAuth error JSON (RFC 6749, section
 * 5.2) and tells nothing of the reason beyond its code.
 *
 * @publicApi
 */
export class McpAuthException extends HttpException {
  /** The OAuth error code. */
  readonly error: string;

  constructor(
    status: 401 | 403 | 503,
    readonly challenge: ChallengeParameters | undefined,
    body: { readonly error: string; readonly error_description: string },
    /** Seconds after which the client may try again. */
    readonly retryAfter?: number,
  ) {
    super({ ...body }, status);
    this.error = body.error;
  }
}

/** 401 without credentials: no `error`, as nothing was wrong with any (RFC 6750, section 3.1). */
export function credentialsMissing(
  scopes: readonly string[],
): McpAuthException {
  return new McpAuthException(
    401,
    { scopes },
    {
      error: 'unauthorized',
      error_description: 'Authentication required',
    },
  );
}

/** 401 for a token that is bad, expired or meant for another server. */
export function tokenRefused(scopes: readonly string[]): McpAuthException {
  const description =
    'The access token is invalid, expired or not meant for this server';
  return new McpAuthException(
    401,
    { error: 'invalid_token', errorDescription: description, scopes },
    { error: 'invalid_token', error_description: description },
  );
}

/** 403 naming every scope of the operation, so that one step-up suffices. */
export function scopeMissing(scopes: readonly string[]): McpAuthException {
  const description = `The access token lacks a scope. Needed: ${scopes.join(' ')}`;
  return new McpAuthException(
    403,
    { error: 'insufficient_scope', errorDescription: description, scopes },
    { error: 'insufficient_scope', error_description: description },
  );
}

/** 401 for a token in the URL, where logs would keep it (RFC 6750, section 5.3). */
export function tokenInQuery(scopes: readonly string[]): McpAuthException {
  const description = 'Send the access token in the Authorization header';
  return new McpAuthException(
    401,
    { error: 'invalid_request', errorDescription: description, scopes },
    { error: 'invalid_request', error_description: description },
  );
}

/** 403 for plain http. */
export function httpsRequired(): McpAuthException {
  return new McpAuthException(403, undefined, {
    error: 'invalid_request',
    error_description: 'HTTPS is required',
  });
}

/** 503 where tokens cannot be judged for the time being. */
export function verifierUnavailable(retryAfter: number): McpAuthException {
  return new McpAuthException(
    503,
    undefined,
    {
      error: 'temporarily_unavailable',
      error_description: 'The access token cannot be verified at the moment',
    },
    retryAfter,
  );
}
