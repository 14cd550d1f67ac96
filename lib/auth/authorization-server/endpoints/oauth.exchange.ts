import type { IncomingMessage, ServerResponse } from 'node:http';
import { oauthError, type OAuthErrorBody } from './oauth-error.js';

/** Seconds after which a request that found no storage may be sent again. */
export const RETRY_AFTER = '5';

/** A request to the authorization server, and its answer, the same on every adapter. */
export interface OAuthExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the adapter's body parser made of the body; undefined without one. */
  readonly body: unknown;
  /** Path and query under the issuer's own path: `/oauth/token`. */
  readonly url: string;
  /** Where the request comes from, as the application trusts its proxies. */
  readonly address: string;
}

/** Answers in JSON, never to be cached, readable by browser clients. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: OAuthErrorBody | object,
): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'access-control-allow-origin': '*',
  });
  response.end(JSON.stringify(body));
}

/** Answers with what OAuth says for the status. */
export function sendOAuthError(response: ServerResponse, status: number): void {
  if (status === 503 && !response.headersSent) {
    response.setHeader('retry-after', RETRY_AFTER);
  }
  sendJson(response, status, oauthError(status));
}

/** The fields of a form; a field given twice counts for nothing. */
export function formOf({ body }: OAuthExchange): Record<string, string> {
  return Object.fromEntries(
    Object.entries(
      typeof body === 'object' && body !== null ? body : {},
    ).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
