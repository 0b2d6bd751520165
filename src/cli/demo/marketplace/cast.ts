import type { Cast } from '../play.ts';
import type { Books } from './books.ts';
import type { Owners } from './owner.ts';

/** A seller, as the acts know them. */
export interface Owner {
  /** Ours: `sel_…`. */
  id: string;
  /** Stripe's: `acct_…`. */
  account: string;
}

/** The cast of a marketplace, and what one act leaves to the next. */
export interface Market extends Cast {
  owners: Owners;
  books: Books;
  ann: Owner;
  ben: Owner;
  /** The orders that are looked at again. */
  cabin: string;
  cart: string;
}
