import { readAsciiUrl } from './ascii-url.js';
import { GuardedFetchError } from './guarded-fetch.error.js';

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
