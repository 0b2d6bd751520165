import type { ProductInput } from '../../../orders/products.ts';
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

const TEN_PERCENT = { percent: 10 };
const CURRENCY = 'usd';

/** Homes of others, with the platform's tenth. */
export const MARKETPLACE: Play = {
  shop: {
    shopName: 'Demo Homes',
    products: [
      { id: 'cabin', name: 'Cabin, a week', price: 84_000, seller: 'owner-ann' },
      { id: 'kayak', name: 'Kayak, a day', price: 6_000, seller: 'owner-ann' },
      { id: 'bikes', name: 'Two bikes, a day', price: 9_000, seller: 'owner-ben' },
      { id: 'sauna', name: 'Sauna, an evening', price: 4_500, seller: 'owner-cid' },
    ]
      .map((product) => ({ ...product, currency: CURRENCY, fee: TEN_PERCENT }) as ProductInput)
      .concat({ id: 'insurance', name: 'Travel insurance', price: 25_000, currency: CURRENCY }),
  },
  steps: 25,
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
