import type Stripe from 'stripe';
import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import { badParameter, missingParameter } from '../../server/errors.ts';
import { amountOf } from '../catalog/amounts.ts';
import { inlinePrice } from '../catalog/prices.ts';
import { emptyList } from '../../server/list.ts';
import { list, number, text } from '../params.ts';

type Line = Partial<Stripe.LineItem>;

/** Reads the `line_items` of a quote. */
export function readQuoteLines(realm: Realm, params: Params): Line[] {
  return list(params, 'line_items').map((line, index) => {
    const path = `line_items[${index}]`;
    const data = line['price_data'] as Params | undefined;
    const id = text(line, 'price');
    if (!data && id === undefined) throw missingParameter(`${path}[price]`);
    const price = data
      ? inlinePrice(realm, data, `${path}[price_data]`)
      : realm.need('price', id ?? '', `${path}[price]`);
    const quantity = number(line, 'quantity') ?? 1;
    const amount = amountOf(realm, price, quantity, price.currency);
    return {
      adjustable_quantity: null,
      amount_discount: 0,
      amount_subtotal: amount,
      amount_tax: 0,
      amount_total: amount,
      currency: price.currency,
      description: realm.get('product', price.product as string)?.name ?? null,
      price,
      quantity,
    };
  });
}

/** What a quote comes to: now, and every time after that. */
export function totalsOf(items: readonly Line[]): Partial<Stripe.Quote> {
  const currencies = new Set(items.map(({ currency }) => currency));
  if (currencies.size > 1)
    throw badParameter('All line items must have the same currency.', { param: 'line_items' });
  const total_details = { amount_discount: 0, amount_shipping: 0, amount_tax: 0 };
  const recurring = items.filter(({ price }) => price?.type === 'recurring');
  const { interval = 'month', interval_count = 1 } = recurring[0]?.price?.recurring ?? {};
  const [all, again] = [sum(items), sum(recurring)];
  return {
    amount_subtotal: all,
    amount_total: all,
    computed: {
      recurring:
        recurring.length === 0
          ? null
          : { amount_subtotal: again, amount_total: again, interval, interval_count, total_details },
      upfront: {
        amount_subtotal: all,
        amount_total: all,
        line_items: { ...emptyList('/v1/quotes/line_items'), data: items },
        total_details,
      },
    },
    currency: items[0]?.currency ?? null,
    total_details,
  } as unknown as Partial<Stripe.Quote>;
}

function sum(items: readonly Line[]): number {
  return items.reduce((all, { amount_total = 0 }) => all + amount_total, 0);
}
