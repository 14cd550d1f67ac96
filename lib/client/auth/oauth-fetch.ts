import { type FetchLike, OAuthError } from '@modelcontextprotocol/client';
import {
  guardedFetch,
  type GuardedResponse,
} from '../../auth/fetch/guarded-fetch.js';
import type { UrlTrust } from '../../auth/fetch/url-trust.js';
import { BODILESS } from '../../platform/in-process-fetch.js';
import { readSecureUrl } from '../../options/option-values.js';
import {
  McpClientError,
  McpConnectionError,
  McpUnauthorizedError,
} from '../client.errors.js';
import type { AuthTarget } from './client-auth.js';

/**
 * The `fetch` of discovery and token requests. The server's own origin is
 * reached as the server is; URLs of the options may be anywhere; what the
 * server names must be https and at public addresses, unless the server is on
 * this machine (MCP Security Best Practices, "Server-Side Request Forgery").
 *
 * @param configured URLs of the options
 */
export function oauthFetch(
  target: AuthTarget,
  configured: readonly (string | undefined)[],
  allowPrivateHosts: boolean,
): FetchLike {
  const origins = configured.flatMap((url) =>
    url === undefined ? [] : [new URL(url).origin],
  );
  // Of secure URLs, those of http are of loopback.
  const isLocal =
    target.url.protocol === 'http:' && !!readSecureUrl(target.url.href);
  const named: UrlTrust = {
    source: 'issuer',
    issuer: target.url.href,
    allowPrivateHosts: allowPrivateHosts || isLocal,
  };
  return async (url, init = {}) => {
    const { origin } = new URL(url);
    if (origin === target.url.origin && !origins.includes(origin)) {
      return target.fetch(url, { ...init, redirect: 'manual' });
    }
    return responseOf(
      await guardedFetch(String(url), {
        trust: origins.includes(origin) ? { source: 'configuration' } : named,
        method: init.method === 'POST' ? 'POST' : 'GET',
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(init.body !== undefined &&
          init.body !== null && { body: bodyText(init.body) }),
      }),
    );
  };
}

/** OAuth's requests are forms and JSON. */
function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : String(body as URLSearchParams);
}

function responseOf({ status, headers, body }: GuardedResponse): Response {
  return new Response(BODILESS.includes(status) ? null : body, {
    status,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
  });
}

/** Why there is no token. What an authorization server says stays out of messages, except its code. */
export function tokenFailure(
  target: AuthTarget,
  error: unknown,
): McpClientError {
  if (error instanceof McpClientError) {
    return error;
  }
  if (error instanceof OAuthError) {
    return new McpUnauthorizedError(
      target.name,
      `the authorization server refused to give a token (${error.code})`,
      undefined,
      { cause: error },
    );
  }
  return new McpConnectionError(
    target.name,
    `no token could be had: ${error instanceof Error ? error.message : 'the request failed'}`,
    { cause: error, isSent: false },
  );
}
