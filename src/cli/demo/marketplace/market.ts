import type { Cast, Play } from '../play.ts';
import { setUp } from '../steps.ts';
import { Books } from './books.ts';
import type { Market, Owner } from './cast.ts';
import { disputes } from './disputes.ts';
import { killBetween } from './kill.ts';
import { onboarding } from './onboarding.ts';
import { Owners } from './owner.ts';
import { payouts } from './payouts.ts';
import { partialRefund } from './refund.ts';
import { cartOfTwo, rental } from './sales.ts';
import { statements } from './statements.ts';

const TERMS = { currency: 'usd', fee: { percent: 10 } };

/** Homes of others, with the platform's tenth. */
export const MARKETPLACE: Play = {
  shop: {
    shopName: 'Demo Homes',
    products: [
      { id: 'cabin', name: 'Cabin, a week', price: 84_000, seller: 'owner-ann', ...TERMS },
      { id: 'kayak', name: 'Kayak, a day', price: 6_000, seller: 'owner-ann', ...TERMS },
      { id: 'bikes', name: 'Two bikes, a day', price: 9_000, seller: 'owner-ben', ...TERMS },
      { id: 'sauna', name: 'Sauna, an evening', price: 4_500, seller: 'owner-cid', ...TERMS },
      { id: 'insurance', name: 'Travel insurance', price: 25_000, currency: 'usd' },
    ],
  },
  steps: 30,
  acts: [setUp, playMarket],
};

const NOBODY: Owner = { id: '', account: '' };

async function playMarket(cast: Cast): Promise<void> {
  const owners = new Owners();
  const books = new Books(cast.stage);
  const market: Market = { ...cast, owners, books, ann: NOBODY, ben: NOBODY, cabin: '', cart: '' };
  const acts = [onboarding, rental, cartOfTwo, partialRefund, killBetween, disputes, payouts, statements];
  try {
    for (const act of acts) await act(market);
  } finally {
    await owners.close();
    books.close();
  }
}
