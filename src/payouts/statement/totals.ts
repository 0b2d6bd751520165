import { CATEGORIES, type Category } from './category.ts';
import type { Line } from './line.ts';
import { addTo, type Sums } from './walk.ts';

/** What the lines of one category and currency come to. */
export interface Total {
  category: Category | 'all';
  currency: string;
  lines: number;
  gross: number;
  fee: number;
  net: number;
}

/** What an account had of a currency at the beginning and at the end. */
export interface OpeningAndClosing {
  currency: string;
  opening: number;
  closing: number;
}

/** Adds lines up as they go by: a row for each category and currency is all that is kept of them. */
export class Totals {
  readonly #rows = new Map<string, Total>();

  add({ category, currency, gross, fee, net }: Line): void {
    // `all` is what moves the balance of payments; other balances are beside it.
    for (const each of category === 'other_balance' ? [category] : [category, 'all' as const]) {
      const key = `${currency} ${each}`;
      const row = this.#rows.get(key) ?? { category: each, currency, lines: 0, gross: 0, fee: 0, net: 0 };
      row.lines += 1;
      row.gross += gross;
      row.fee += fee;
      row.net += net;
      this.#rows.set(key, row);
    }
  }

  /** By currency, the categories in their usual order, their sum at the end. */
  rows(): Total[] {
    const place = ({ category }: Total): number =>
      category === 'all' ? CATEGORIES.length : CATEGORIES.indexOf(category);
    return [...this.#rows.values()].toSorted(
      (a, b) => a.currency.localeCompare(b.currency) || place(a) - place(b),
    );
  }

  /** With the balance at the end known, that of the beginning is what the lines leave. */
  balances(closing: Sums): OpeningAndClosing[] {
    const opening: Sums = new Map(closing);
    for (const { category, currency, net } of this.#rows.values()) {
      if (category === 'all') addTo(opening, currency, -net);
    }
    return [...opening]
      .map(([currency, amount]) => ({ currency, opening: amount, closing: closing.get(currency) ?? 0 }))
      .toSorted((a, b) => a.currency.localeCompare(b.currency));
  }
}
