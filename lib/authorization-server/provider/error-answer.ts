import type { KoaContextWithOIDC } from 'oidc-provider';
import type { OAuthErrorBody } from '../endpoints/oauth.request.js';
import { RETRY_AFTER } from '../endpoints/oauth.request.js';
import type { PageResponder } from '../login/page.responder.js';

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
