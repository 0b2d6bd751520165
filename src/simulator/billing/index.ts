import type { Resource } from '../server/call.ts';
import { afterSubscription } from './after-subscription.ts';
import { plans } from './catalog/plans.ts';
import { products } from './catalog/products.ts';
import { taxRates } from './catalog/tax-rates.ts';
import { creditNotes } from './credit/notes.ts';
import { customerBalance } from './credit/routes.ts';
import { coupons } from './discounts/coupons.ts';
import { customerDiscounts } from './discounts/customer-discount.ts';
import { promotionCodes } from './discounts/promotion-codes.ts';
import { entitlements } from './entitlements/routes.ts';
import { invoiceItems } from './invoices/item-routes.ts';
import { invoices } from './invoices/routes.ts';
import { testClocks } from './clocks/routes.ts';
import { meters } from './meters/routes.ts';
import { meterStream } from './meters/stream.ts';
import { portalConfigurations } from './portal/configurations.ts';
import { portalSessions } from './portal/sessions.ts';
import { quotes } from './quotes/routes.ts';
import { subscriptionSchedules } from './schedules/routes.ts';
import { subscriptionItems } from './subscriptions/item-routes.ts';
import { subscriptions } from './subscriptions/routes.ts';
import { wakes } from './time/wake.ts';

/** Every noun of billing. */
export const billing: readonly Resource[] = [
  afterSubscription,
  coupons,
  creditNotes,
  customerBalance,
  customerDiscounts,
  entitlements,
  invoiceItems,
  invoices,
  meterStream,
  meters,
  plans,
  portalConfigurations,
  portalSessions,
  products,
  promotionCodes,
  quotes,
  subscriptionItems,
  subscriptionSchedules,
  subscriptions,
  taxRates,
  testClocks,
  wakes,
];
