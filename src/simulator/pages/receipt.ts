import type Stripe from 'stripe';
import { formatMoney } from '../../money.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { notice } from './layout.ts';

/** What `charge.receipt_url` shows. */
export function receiptPage({ engine }: SiteParts, { path }: WebRequest): WebAnswer {
  const row = engine.store.find('payment_intent', path.split('/').at(-1) ?? '');
  const intent = row?.object as Stripe.PaymentIntent | undefined;
  if (!intent) return notice('No receipt', 'This payment does not exist, or not any more.', undefined, 404);
  const amount = formatMoney({ value: intent.amount_received, currency: intent.currency });
  const day = new Date(intent.created * 1000).toISOString().slice(0, 10);
  return notice(`Receipt: ${amount}`, `Paid on ${day}. ${intent.description ?? ''}`);
}
