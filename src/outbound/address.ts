import ipaddr from 'ipaddr.js';

// All of IPv6 that is handed out to anybody (RFC 4291, 2.4; IANA's list): 2000::/3.
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3');
// Forms of IPv6 that lead to an IPv4 address, and where in them it stands (RFC 4291, 6052, 3056).
const CARRIERS: readonly { range: [ipaddr.IPv6, number]; at: number }[] = [
  { range: ipaddr.IPv6.parseCIDR('::ffff:0:0/96'), at: 12 },
  { range: ipaddr.IPv6.parseCIDR('64:ff9b::/96'), at: 12 },
  { range: ipaddr.IPv6.parseCIDR('2002::/16'), at: 2 },
];
const IPV4_BYTES = 4;
// Azure's host speaks to its machines from an address of the public kind, and gives them their secrets there.
const PUBLIC_BUT_INTERNAL: readonly string[] = ['168.63.129.16'];

/**
 * Is this an address of the public Internet? Not: loopback, private networks, link-local (the metadata of
 * clouds), shared, multicast, reserved (RFC 6890), nor a form of IPv6 that leads to one of them. An address
 * that is none at all isn't either.
 */
export function isPublicAddress(address: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(address)) return isPublicIPv4(ipaddr.IPv4.parse(address));
  return ipaddr.IPv6.isValid(address) && isPublicIPv6(ipaddr.IPv6.parse(address));
}

function isPublicIPv6(address: ipaddr.IPv6): boolean {
  const carrier = CARRIERS.find(({ range }) => address.match(range));
  if (carrier) {
    const bytes = address.toByteArray().slice(carrier.at, carrier.at + IPV4_BYTES);
    return isPublicIPv4(new ipaddr.IPv4(bytes));
  }
  return address.match(GLOBAL_IPV6) && address.range() === 'unicast';
}

function isPublicIPv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && !PUBLIC_BUT_INTERNAL.includes(address.toString());
}
