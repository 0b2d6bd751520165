import type { Params } from '../contract/validate.ts';

/** A shipping address with null for what was not said. */
export function shippingOf(given: Params | null | undefined): Record<string, unknown> | null {
  if (!given) return null;
  const address = (given['address'] ?? {}) as Params;
  const text = (source: Params, name: string): unknown => source[name] ?? null;
  return {
    address: {
      city: text(address, 'city'),
      country: text(address, 'country'),
      line1: text(address, 'line1'),
      line2: text(address, 'line2'),
      postal_code: text(address, 'postal_code'),
      state: text(address, 'state'),
    },
    carrier: text(given, 'carrier'),
    name: text(given, 'name'),
    phone: text(given, 'phone'),
    tracking_number: text(given, 'tracking_number'),
  };
}
