import type { Resource } from '../server/call.ts';
import { balance } from './balance-routes.ts';
import { applicationFees } from './fee-routes.ts';
import { payouts } from './payout-routes.ts';
import { topups } from './topups.ts';
import { transfers } from './transfer-routes.ts';

/** What moves money between accounts and banks. */
export const money: readonly Resource[] = [applicationFees, balance, payouts, topups, transfers];
