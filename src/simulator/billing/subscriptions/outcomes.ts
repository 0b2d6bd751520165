import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';

export function invoicePaid(_realm: Realm, _invoice: Stripe.Invoice): void {}
export function invoiceFailed(_realm: Realm, _invoice: Stripe.Invoice): void {}
export function invoiceProcessing(_realm: Realm, _invoice: Stripe.Invoice): void {}
export function retriesOver(_realm: Realm, _invoice: Stripe.Invoice): void {}
export function invoiceDropped(_realm: Realm, _invoice: Stripe.Invoice): void {}
export function invoiceOverdue(_realm: Realm, _invoice: Stripe.Invoice): void {}
