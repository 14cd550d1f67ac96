import { BlockList, isIPv4, isIPv6 } from 'node:net';

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
