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
