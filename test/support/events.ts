import { createHmac } from 'node:crypto';
import Stripe from 'stripe';

export const WEBHOOK_SECRET = 'whsec_test_secret_of_the_suite';

const signer = new Stripe('sk_test_signer');
let counter = 0;

/** A snapshot event as Stripe sends it, with an id of its own. */
export function makeEvent(overrides: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  counter += 1;
  const id = `evt_test${process.pid}x${String(counter).padStart(8, '0')}`;
  return {
    id,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type: 'customer.updated',
    data: { object: { id: `cus_${counter}`, object: 'customer', name: 'Ann' } },
    ...overrides,
  };
}

/** The header of Stripe's own client, so that ours is held against theirs. */
export function sign(body: string, secret = WEBHOOK_SECRET, timestamp?: number): string {
  return signer.webhooks.generateTestHeaderString({
    payload: body,
    secret,
    ...(timestamp === undefined ? {} : { timestamp }),
  });
}

/** A right header for bytes that need not be text, which Stripe's client can't make. */
export function signBytes(body: Uint8Array, secret = WEBHOOK_SECRET, timestamp = nowSeconds()): string {
  const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(body);
  return `t=${timestamp},v1=${hmac.digest('hex')}`;
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
