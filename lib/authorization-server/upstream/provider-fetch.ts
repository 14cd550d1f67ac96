import { GuardedFetchError } from '../../auth/fetch/url-trust.js';
import { guardedFetch } from '../../auth/fetch/guarded-fetch.js';
import type { UrlTrust } from '../../auth/fetch/url-trust.js';

/** `fetch`, as far as `openid-client` makes use of it. */
export type ProviderFetch = (
  url: string,
  request: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
  },
) => Promise<Response>;

/** Statuses that `Response` allows no body for. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * A `fetch` that is guarded and bounded: what it refuses, it throws as
 * `GuardedFetchError`.
 *
 * @param timeout milliseconds per request
 */
export function providerFetch(trust: UrlTrust, timeout: number): ProviderFetch {
  return async (url, { method, headers, body }) => {
    const answer = await guardedFetch(url, {
      trust,
      timeout,
      method: method === 'POST' ? 'POST' : 'GET',
      headers,
      // Forms are all that is ever sent.
      ...(body instanceof URLSearchParams && { body: body.toString() }),
    });
    const { status } = answer;
    if (status < 200 || status > 599) {
      throw new GuardedFetchError(
        'status',
        `${new URL(url).origin} answered ${status}`,
        { status },
      );
    }
    const fields = Object.entries(answer.headers).flatMap(([name, values]) =>
      [values ?? []].flat().map((value): [string, string] => [name, value]),
    );
    return new Response(WITHOUT_BODY.has(status) ? null : answer.body, {
      status,
      headers: new Headers(fields),
    });
  };
}
