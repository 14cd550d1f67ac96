import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv6 } from 'node:net';

/** What one caller has of addresses: of IPv6 the first half, as a subscriber has all the rest (RFC 6177). */
export function placeOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) {
    return mapped ?? address;
  }
  const [unzoned] = address.split('%', 1);
  const { hostname } = new URL(`http://[${unzoned}]`);
  const [head = '', tail = ''] = hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail].map((part) =>
    part.split(':').filter((group) => group !== ''),
  ) as [string[], string[]];
  const missing = Math.max(0, 8 - first.length - last.length);
  return [...first, ...Array<string>(missing).fill('0'), ...last]
    .slice(0, 4)
    .join(':');
}

/** An error in OAuth's own form (RFC 6749, section 5.2). */
export interface OAuthErrorBody {
  readonly error: string;
  readonly error_description: string;
}

/** What a client is told of a request that never reached the server proper, by HTTP status. */
export function oauthError(status: number): OAuthErrorBody {
  switch (status) {
    case 413:
      return error('invalid_request', 'The request body is too large');
    case 429:
      return error('temporarily_unavailable', 'Too many requests');
    case 503:
      return error(
        'temporarily_unavailable',
        'The server cannot answer at the moment. Try again later.',
      );
    case 401:
    case 403:
      return error('access_denied', 'This is not allowed');
    case 404:
      return error('invalid_request', 'There is nothing here');
    default:
      return status < 500
        ? error('invalid_request', 'The request could not be read')
        : error('server_error', 'Something went wrong on the server');
  }
}

function error(code: string, description: string): OAuthErrorBody {
  return { error: code, error_description: description };
}

/** A request is refused, in OAuth's own form (RFC 6749, sections 4.1.2.1 and 5.2). */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';

  /**
   * @param code `error` of the answer
   * @param description for developers of clients; nothing internal
   */
  constructor(
    readonly code: string,
    readonly description: string,
    readonly status = 400,
  ) {
    super(`${code}: ${description}`);
  }
}

/** Seconds after which a request that found no storage may be sent again. */
export const RETRY_AFTER = '5';

/** A request to the authorization server, and its answer, the same on every adapter. */
export interface OAuthRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What the adapter's body parser made of the body; undefined without one. */
  readonly body: unknown;
  /** Path and query under the issuer's own path: `/oauth/token`. */
  readonly url: string;
  /** Where the request comes from, as the application trusts its proxies. */
  readonly address: string;
}

/** The request as `oidc-provider`, which is mounted at a path, is to have it. */
export function forwardedRequest(
  { request, body, url, address }: OAuthRequest,
  basePath: string,
): IncomingMessage {
  return Object.assign(request, {
    body,
    url,
    originalUrl: `${basePath}${url}`,
    callerAddress: address,
  });
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
export function formOf({ body }: OAuthRequest): Record<string, string> {
  return Object.fromEntries(
    Object.entries(
      typeof body === 'object' && body !== null ? body : {},
    ).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
