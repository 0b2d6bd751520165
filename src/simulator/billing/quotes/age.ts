import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import { wakeAt } from '../time/moments.ts';

/** Plans when an open quote expires. */
export function planQuote(realm: Realm, quote: Stripe.Quote): void {
  wakeAt(
    realm,
    'quote',
    { id: quote.id, test_clock: quote.test_clock },
    quote.status === 'open' ? quote.expires_at : null,
  );
}

/** An open quote that nobody accepted in time is canceled. */
export function ageQuote(realm: Realm, id: string): void {
  const quote = realm.get('quote', id);
  if (quote?.status !== 'open') return;
  const canceled = realm.change('quote', id, {
    status: 'canceled',
    status_transitions: { ...quote.status_transitions, canceled_at: realm.now },
  });
  realm.emit('quote.canceled', canceled);
}
