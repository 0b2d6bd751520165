import type { Resource } from '../server/call.ts';
import { plans } from './catalog/plans.ts';
import { products } from './catalog/products.ts';
import { taxRates } from './catalog/tax-rates.ts';
import { coupons } from './discounts/coupons.ts';
import { promotionCodes } from './discounts/promotion-codes.ts';

/** Every noun of billing. */
export const billing: readonly Resource[] = [coupons, plans, products, promotionCodes, taxRates];
