import { StoreUnavailableError } from '../storage/store.errors.js';
import {
  UpstreamRefusedError,
  UpstreamUnavailableError,
} from '../upstream/upstream.provider.js';
import type { KoaContextWithOIDC } from 'oidc-provider';
import {
  type OAuthErrorBody,
  RETRY_AFTER,
} from '../endpoints/oauth.request.js';
import type { PageResponder } from './page.responder.js';

/** A page that cannot be shown; the message is for the person. */
export class InteractionError extends Error {
  constructor(
    readonly status: 400 | 403 | 404,
    message: string,
  ) {
    super(message);
  }
}

/** Status and message of the page that tells a person why the login cannot go on. */
export function interactionFailure(
  error: unknown,
): readonly [status: number, message: string] {
  if (error instanceof InteractionError) {
    return [error.status, error.message];
  }
  if (error instanceof UpstreamRefusedError) {
    return [403, 'The login at the identity provider was not accepted.'];
  }
  if (error instanceof StoreUnavailableError) {
    return [503, 'The server cannot answer at the moment.'];
  }
  return error instanceof UpstreamUnavailableError
    ? [503, 'The identity provider cannot be reached at the moment.']
    : [500, 'Something went wrong.'];
}

/** Codes that say that this server is set up wrongly at the provider, or that the provider is broken. */
const NOT_THE_PERSON: ReadonlySet<string | undefined> = new Set([
  'server_error',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_client',
  'unauthorized_client',
  'unsupported_response_type',
  'unsupported_response_mode',
  'unsupported_grant_type',
  'incorrect_client_credentials', // GitHub's invalid_client
  'redirect_uri_mismatch', // GitHub
]);

/** What the client is told of a login that failed at the identity provider (RFC 6749, section 4.1.2.1). */
export function failureForClient(
  failure: UpstreamRefusedError | UpstreamUnavailableError,
): { readonly error: string; readonly error_description: string } {
  if (NOT_THE_PERSON.has(failure.code)) {
    return {
      error: 'server_error',
      error_description:
        'The identity provider refused a request of this server',
    };
  }
  return failure instanceof UpstreamRefusedError
    ? {
        error: 'access_denied',
        error_description:
          'The login at the identity provider was not accepted',
      }
    : {
        error: 'temporarily_unavailable',
        error_description:
          'The identity provider cannot be reached at the moment',
      };
}

/** Tells browsers by a page, and programs in JSON, why a request is not answered. */
export function answerWithError(
  context: KoaContextWithOIDC,
  responder: PageResponder,
  {
    error,
    error_description: description,
  }: Pick<OAuthErrorBody, 'error'> & Partial<OAuthErrorBody>,
): void {
  askToComeBack(context);
  // Browsers ask for HTML by name, programs for anything.
  if (context.accepts('json', 'html') !== 'html') {
    context.body = { error, error_description: description };
    context.set('Cache-Control', 'no-store');
    return;
  }
  // Koa must not answer what is answered here.
  context.respond = false;
  responder.error(context.res, context.status, {
    title: 'This login cannot go on',
    message: `${description ?? 'The request was not accepted'} (${error}).`,
  });
}

/** RFC 9110, section 10.2.3. */
export function askToComeBack(context: KoaContextWithOIDC): void {
  if (context.status === 503) {
    context.set('Retry-After', RETRY_AFTER);
  }
}
