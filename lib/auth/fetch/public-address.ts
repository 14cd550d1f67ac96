import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4, isIPv6, type LookupFunction } from 'node:net';
import { type CheckedUrl, GuardedFetchError } from './url-trust.js';

/** Not globally reachable, or multicast (IANA IPv4 Special-Purpose Address Registry). */
const BLOCKED_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, cloud metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // IETF protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, broadcast
];

/**
 * Parts of 2000::/3 that are special. All else that is special (mapped, NAT64,
 * unique local, link-local, multicast) lies outside 2000::/3.
 */
const BLOCKED_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23], // IETF protocol assignments: Teredo, ORCHID, benchmarking
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which embeds an IPv4 address
  ['3fff::', 20], // documentation
];

// One list per family: BlockList compares IPv4 with mapped IPv6 rules.
const blockedV4 = new BlockList();
for (const [net, prefix] of BLOCKED_V4) {
  blockedV4.addSubnet(net, prefix, 'ipv4');
}
const globalV6 = new BlockList();
globalV6.addSubnet('2000::', 3, 'ipv6');
const blockedV6 = new BlockList();
for (const [net, prefix] of BLOCKED_V6) {
  blockedV6.addSubnet(net, prefix, 'ipv6');
}

/**
 * Whether an IP address is an ordinary public one. False for everything
 * private, loopback, link-local, shared, reserved or multicast, for IPv6 forms
 * that embed an IPv4 address, and for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) {
    return !blockedV4.check(address, 'ipv4');
  }
  return (
    isIPv6(address) &&
    !address.includes('%') &&
    globalV6.check(address, 'ipv6') &&
    !blockedV6.check(address, 'ipv6') &&
    !isIsatap(address)
  );
}

/** ISATAP (RFC 5214 section 6.1): any prefix, then `0:5efe` or `200:5efe` and an IPv4 address. */
function isIsatap(address: string): boolean {
  const groups = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail = ''] = groups.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail.split(':').filter(Boolean);
  const zeros = Array<string>(8 - before.length - after.length).fill('0');
  const all = groups.includes('::') ? [...before, ...zeros, ...after] : before;
  return ['0', '200'].includes(all[4] ?? '') && all[5] === '5efe';
}

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
