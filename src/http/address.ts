import { isIPv6 } from 'node:net';

const IPV4_IN_IPV6 = /^::ffff:(?=\d+\.)/i;
// Some proxies write it down too, and whoever begins another connection has another one.
const PORT = /^(?:\[([\da-f:.]+)\](?::\d+)?|(\d+(?:\.\d+){3}):\d+)$/i;
// What one customer of a provider gets: who has one address of it has them all.
const GROUPS_OF_A_NETWORK = 4;

/**
 * Where requests came from. `Request` does not say, so the listener notes it. Proxies of our own, of which
 * there are `trustedProxies` in a row, each add who asked them to `X-Forwarded-For`; what stands before
 * that was written by the caller, who may write anything.
 */
export class Addresses {
  readonly #sockets = new WeakMap<Request, string>();
  readonly #trustedProxies: number;

  constructor(trustedProxies: number) {
    this.#trustedProxies = trustedProxies;
  }

  note(request: Request, address: string | undefined): void {
    if (address !== undefined) this.#sockets.set(request, address);
  }

  /** Null when it is not known: we are mounted by `fetch`, and no proxy says it. */
  of(request: Request): string | null {
    const forwarded = this.#trustedProxies > 0 ? (request.headers.get('x-forwarded-for') ?? '') : '';
    const said = forwarded.split(',').flatMap((each) => each.trim() || []);
    const way = [...said, this.#sockets.get(request) ?? null];
    const address = way[Math.max(0, way.length - 1 - this.#trustedProxies)] ?? null;
    return address?.replace(PORT, '$1$2').replace(IPV4_IN_IPV6, '') ?? null;
  }
}

/** Who is counted as one: an address of IPv4, or the network (/64) of one of IPv6. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const missing = address.includes('::') ? 8 - (before?.length ?? 0) - (after?.length ?? 0) : 0;
  const groups = [...(before ?? []), ...Array.from({ length: missing }, () => '0'), ...(after ?? [])];
  return groups
    .slice(0, GROUPS_OF_A_NETWORK)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
