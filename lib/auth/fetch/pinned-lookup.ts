import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { GuardedFetchError } from './guarded-fetch.error.js';
import { isPublicAddress } from './public-address.js';
import type { CheckedUrl } from './url-trust.js';

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** Finds the addresses of a host name. */
export type HostResolver = (
  hostname: string,
) => Promise<readonly HostAddress[]>;

/** The resolver of the operating system. */
export const systemResolver: HostResolver = (hostname) =>
  lookup(hostname, { all: true });

/**
 * Addresses that a request to this URL may connect to.
 *
 * @throws GuardedFetchError `refused_address` where none is allowed, `network`
 *   where the name has none
 */
export async function allowedAddresses(
  { url, privateAllowed }: CheckedUrl,
  resolve: HostResolver,
): Promise<readonly HostAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const family = isIP(host);
  const addresses =
    family === 0 ? await resolve(host) : [{ address: host, family }];
  const allowed = addresses.filter(
    ({ address }) => privateAllowed || isPublicAddress(address),
  );
  if (allowed.length === 0) {
    throw new GuardedFetchError(
      'refused_address',
      `A URL was not fetched: ${url.origin} is at no public address`,
    );
  }
  return allowed;
}

/**
 * A `lookup` that knows only these addresses, so that the connection goes where
 * the check was made, whatever a second DNS answer would say.
 */
export function pinnedLookup(
  addresses: readonly HostAddress[],
): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) {
      callback(null, [...addresses]);
    } else {
      const [first] = addresses;
      callback(null, first?.address ?? '', first?.family);
    }
  };
}
