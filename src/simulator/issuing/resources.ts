import type { Resource } from '../server/call.ts';
import { authorizations } from './authorizations.ts';
import { cards } from './cards.ts';
import { transactions } from './transactions.ts';

/** docs.stripe.com/issuing: cardholders, cards and what is bought with them, without a balance behind it. */
export const issuing: readonly Resource[] = [cards, authorizations, transactions];
