import type Stripe from 'stripe';

const OBJECT_ID = /^(cus|pi|ch|py)_\w{1,64}$/;

/** The id of what a note is about, or null when it is none of ours. */
export function objectIn(payload: Record<string, unknown>): string | null {
  const { object } = payload;
  return typeof object === 'string' && OBJECT_ID.test(object) ? object : null;
}

/**
 * What people call a customer or a payment. Throws Stripe's permission error when the app may not read it;
 * Quittance passes that on as a 403.
 */
export async function nameOf(stripe: Stripe, object: string): Promise<string> {
  if (object.startsWith('cus_')) {
    const customer = await stripe.customers.retrieve(object);
    return customer.deleted ? object : (customer.name ?? customer.email ?? object);
  }
  const payment = object.startsWith('pi_')
    ? await stripe.paymentIntents.retrieve(object)
    : await stripe.charges.retrieve(object);
  return payment.description ?? object;
}
