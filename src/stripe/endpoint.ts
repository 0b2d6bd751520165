import type { StripeClients } from './clients.ts';
import { unlessMissing } from './failures.ts';

/** A webhook endpoint at Stripe and the secret it was created with; Stripe tells the secret only once. */
export interface KnownEndpoint {
  id: string;
  url: string;
  secret: string;
}

/**
 * Makes sure that Stripe posts all events to `url`: keeps `known` if it is still there and right, else
 * creates an endpoint. Returns it with its secret.
 */
export async function ensureEndpoint(
  stripe: ReturnType<StripeClients['own']>,
  url: string,
  known: KnownEndpoint | undefined,
): Promise<KnownEndpoint> {
  if (known) {
    const endpoint = await unlessMissing(stripe.webhookEndpoints.retrieve(known.id));
    if (endpoint?.url === url && endpoint.status === 'enabled') return known;
    if (endpoint) await stripe.webhookEndpoints.del(known.id);
  }
  const created = await stripe.webhookEndpoints.create({ url, enabled_events: ['*'] });
  return { id: created.id, url, secret: created.secret as string };
}
