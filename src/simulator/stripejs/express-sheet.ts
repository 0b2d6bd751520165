import { showDialog } from './dialog.ts';
import type { ElementContext } from './element.ts';
import { MARK, type FrameCall, type FrameConfig, type ShippingRate } from './protocol.ts';

/** What the buyer left in the wallet's sheet. */
export interface SheetValue {
  name: string;
  email: string;
  address: Record<string, string | null>;
  shippingRate?: string;
}

const BUYER = {
  name: 'Jenny Rosen',
  email: 'jenny@example.com',
  address: {
    line1: '1 Market Street',
    city: 'San Francisco',
    state: 'CA',
    postal_code: '94105',
    country: 'US',
  },
};

/** Shows the wallet's sheet, filled in already; null when the buyer closes it. */
export async function openSheet(
  { api, group, nextNumber }: ElementContext,
  options: { shippingAddressRequired: boolean; shippingRates: ShippingRate[] },
): Promise<SheetValue | null> {
  const { base, key, account } = api;
  const config: FrameConfig = {
    base,
    key,
    account,
    group,
    kind: 'expressSheet',
    methods: [],
    billing: BUYER,
    options,
  };
  const url = `${base}/_sim/elements/express-sheet?parent=${encodeURIComponent(location.origin)}`;
  const ended = await showDialog({ url, title: 'Google Pay', number: nextNumber() }, (event, frame) => {
    const call: FrameCall = { mark: MARK, call: 1, method: 'configure', args: config };
    if (event.event === 'ready') frame.contentWindow?.postMessage(call, new URL(base).origin);
    if (event.event === 'escape') return { paid: false };
    return event.event === 'complete' ? event.detail : undefined;
  });
  if (ended['paid'] !== true) return null;
  const value = ended['value'] as SheetValue;
  return options.shippingAddressRequired ? value : { ...value, address: BUYER.address };
}
