/** Why a guarded request gave no answer that may be used. */
type FetchFailure =
  | 'refused_url'
  | 'refused_address'
  | 'network'
  | 'timeout'
  | 'too_large'
  | 'status'
  | 'content';

/**
 * A guarded request failed. The message names at most the origin of the URL,
 * whose path and query may hold secrets.
 */
export class GuardedFetchError extends Error {
  override readonly name = 'GuardedFetchError';
  /** Status of the answer where `failure` is `'status'`. */
  readonly status: number | undefined;

  constructor(
    readonly failure: FetchFailure,
    message: string,
    options?: ErrorOptions & { readonly status?: number },
  ) {
    super(message, options);
    this.status = options?.status;
  }
}

/** Character codes of ASCII, as URLs are made of no others (RFC 3986, section 2). */
const ASCII = /^\p{ASCII}*$/u;

/**
 * Reads a URL that came from outside; undefined where it is none. What is not
 * ASCII is refused unread: `URL.canParse` of Node 20 takes such text for the
 * bytes of UTF-8 once it is hot, and lets pass what `new URL` throws on.
 */
export function readAsciiUrl(text: string): URL | undefined {
  return ASCII.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * Where a URL comes from, which decides what may be fetched (MCP Security Best
 * Practices, "Server-Side Request Forgery"):
 *
 * - `configuration`: the developer wrote it; anything goes.
 * - `issuer`: it stood in the metadata of an issuer that the developer
 *   configured. That issuer's own origin goes, private or not; others only by
 *   https and at public addresses, unless `allowPrivateHosts`.
 * - `client`: an OAuth client sent it. Https and public addresses only.
 */
export type UrlTrust =
  | { readonly source: 'configuration' }
  | {
      readonly source: 'issuer';
      readonly issuer: string;
      readonly allowPrivateHosts?: boolean;
    }
  | { readonly source: 'client' };

/** A URL that may be fetched, as far as the URL itself tells. */
export interface CheckedUrl {
  readonly url: URL;
  /** Whether its host may be at an address that is not public. */
  readonly privateAllowed: boolean;
}

/** @throws GuardedFetchError `refused_url` */
export function checkUrl(address: string, trust: UrlTrust): CheckedUrl {
  const url = readAsciiUrl(address);
  if (!url || !['https:', 'http:'].includes(url.protocol)) {
    throw refused('it is no absolute http or https URL');
  }
  if (url.username || url.password) {
    throw refused('it holds a user name or password');
  }
  const privateAllowed = mayBePrivate(url, trust);
  if (!privateAllowed && url.protocol !== 'https:') {
    throw refused(`${url.origin} is not https`);
  }
  return { url, privateAllowed };
}

function mayBePrivate(url: URL, trust: UrlTrust): boolean {
  switch (trust.source) {
    case 'configuration':
      return true;
    case 'issuer':
      return (
        trust.allowPrivateHosts === true ||
        url.origin === new URL(trust.issuer).origin
      );
    case 'client':
      return false;
  }
}

function refused(reason: string): GuardedFetchError {
  return new GuardedFetchError(
    'refused_url',
    `A URL was not fetched: ${reason}`,
  );
}
