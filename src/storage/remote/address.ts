/**
 * Which addresses belong to the public internet. Everything else may be a service that trusts its network.
 *
 * IANA: IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890). Of IPv6 only global unicast (2000::/3) is handed out.
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';

const special4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

const special6: readonly (readonly [string, number])[] = [
  // Teredo, benchmarking, ORCHID and other protocol assignments
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
  // 6to4: carries an IPv4 address
  ['2002::', 16],
];

const blocked = new BlockList();
for (const [net, prefix] of special4) blocked.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of special6) blocked.addSubnet(net, prefix, 'ipv6');
const global6 = new BlockList();
global6.addSubnet('2000::', 3, 'ipv6');
const carriers = new BlockList();
// IPv4-mapped, and the well-known prefix of NAT64
carriers.addSubnet('::ffff:0:0', 96, 'ipv6');
carriers.addSubnet('64:ff9b::', 96, 'ipv6');

/** The IPv4 address in the last four bytes of an IPv6 address. */
function embedded(address: string): string {
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [high = 0, low = 0] = address
    .split(':')
    .slice(-2)
    .map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** True for a public unicast address (not a name). */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !blocked.check(address, 'ipv4');
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain)) return false;
  if (carriers.check(plain, 'ipv6')) return !blocked.check(embedded(plain), 'ipv4');
  return global6.check(plain, 'ipv6') && !blocked.check(plain, 'ipv6');
}
