import { GuardedFetchError } from '../../auth/fetch/url-trust.js';
import { isJsonObject } from '../../auth/fetch/guarded-fetch.js';
import {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from './upstream.provider.js';

/** Error codes that do not concern the person: the provider is in trouble, or this client is set up wrongly. */
const NOT_THE_PERSON = new Set([
  'server_error',
  'temporarily_unavailable',
  'slow_down',
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'incorrect_client_credentials', // GitHub's invalid_client
  'redirect_uri_mismatch', // GitHub
]);

/** Codes of `openid-client` for answers that were read and are not to be trusted. */
const NOT_TRUSTED = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_UNSUPPORTED_OPERATION',
]);

/** Errors with messages that are fixed sentences. */
const FIXED_MESSAGES = new Set([
  'ClientError',
  'OperationProcessingError',
  'UnsupportedOperationError',
]);

/**
 * What an error of `openid-client`, or of the guarded fetch, means for a login.
 * Nothing of the answer but its error code gets into the message, and no error
 * that holds the answer into `cause`: it may hold tokens, or echo the secret.
 *
 * @param step what failed: `'the code'`
 */
export function upstreamFailure(
  provider: string,
  step: string,
  error: unknown,
): UpstreamRefusedError | UpstreamUnavailableError {
  if (
    error instanceof UpstreamRefusedError ||
    error instanceof UpstreamUnavailableError
  ) {
    return error;
  }
  const cause = error instanceof Error ? error.cause : undefined;
  const fetchError = [error, cause].find((e) => e instanceof GuardedFetchError);
  if (fetchError) {
    return new UpstreamUnavailableError(
      `${provider}: ${step} failed. ${fetchError.message}`,
      { cause: fetchError },
    );
  }
  const message = `${provider}: ${step} failed. ${explain(error, cause)}`;
  const code = oauthError(error);
  return isRefusal(error, cause)
    ? new UpstreamRefusedError(message, code)
    : new UpstreamUnavailableError(message, { ...(code && { code }) });
}

function isRefusal(error: unknown, cause: unknown): boolean {
  const code = oauthError(error);
  if (code !== undefined) {
    const { status } = error as { readonly status?: number };
    return status !== 429 && !NOT_THE_PERSON.has(code);
  }
  // JSON that is no token response is as good as none.
  const evidence = cause instanceof Error ? cause.cause : undefined;
  const isGarbage = isJsonObject(evidence) && 'body' in evidence;
  return NOT_TRUSTED.has(codeOf(error)) && !isGarbage;
}

function explain(error: unknown, cause: unknown): string {
  const code = oauthError(error);
  if (code !== undefined) {
    return `It answered ${code}.`;
  }
  const known = [cause, error].find(
    (e) => e instanceof Error && FIXED_MESSAGES.has(e.name),
  ) as Error | undefined;
  const status = cause instanceof Response ? ` (${cause.status})` : '';
  const name = error instanceof Error ? error.name : 'No error was thrown';
  return `${known?.message ?? name}${status}.`;
}

/** Code of an OAuth error response; free text of one is kept out. */
function oauthError(error: unknown): string | undefined {
  const isError = [
    'OAUTH_RESPONSE_BODY_ERROR',
    'OAUTH_AUTHORIZATION_RESPONSE_ERROR',
  ].includes(codeOf(error));
  if (!isError) {
    return undefined;
  }
  const { error: code } = error as { readonly error?: unknown };
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code)
    ? code
    : 'an unknown error';
}

function codeOf(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' ? code : '';
}
