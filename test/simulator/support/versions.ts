import Stripe from 'stripe';
import { expect } from 'vitest';
import type { Local } from './simulator.ts';

type Json = Record<string, never> & { id: string };

export const ENDIVE = Stripe.API_VERSION;
export const DAHLIA = '2026-06-24.dahlia';
export const CLOVER = '2025-10-29.clover';
export const OCTOBER_2023 = '2023-10-16';
export const AUGUST_2020 = '2020-08-27';
export const ALL = [ENDIVE, DAHLIA, CLOVER, OCTOBER_2023, AUGUST_2020];

/** A request in a version; the client's types know its own version only. */
export async function call(
  { raw }: Local,
  method: string,
  path: string,
  version: string,
  body = '',
): Promise<Json> {
  const post = method === 'POST';
  const answer = await raw(post || body === '' ? path : `${path}?${body}`, {
    method,
    headers: { 'stripe-version': version },
    ...(post && { body }),
  });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body as unknown as Json;
}

/** Which of these fields the object has in each version. */
export async function shown(
  local: Local,
  path: string,
  names: string[],
  query = '',
): Promise<Record<string, string[]>> {
  const rows = ALL.map(async (version) => {
    const object = await call(local, 'GET', path, version, query);
    return [version, names.filter((name) => name in object)] as const;
  });
  return Object.fromEntries(await Promise.all(rows));
}

export async function paidIntent({ stripe }: Local): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create({
    amount: 1000,
    currency: 'usd',
    confirm: true,
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
}

export async function subscribed({ stripe }: Local, coupon?: string): Promise<Stripe.Subscription> {
  const { id: customer } = await stripe.customers.create({
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const price = await stripe.prices.create({
    currency: 'eur',
    unit_amount: 900,
    recurring: { interval: 'month' },
    product_data: { name: 'Club' },
  });
  const items = [{ price: price.id }];
  return stripe.subscriptions.create({ customer, items, ...(coupon && { discounts: [{ coupon }] }) });
}
