import type Stripe from 'stripe';
import { badParameter } from '../server/errors.ts';
import { findMethod, type Magic } from './methods.ts';

/** The PaymentMethod that a parameter names, which must be the customer's. */
export function ownMethod(where: Magic, id: string, customer: string, param: string): Stripe.PaymentMethod {
  const method = findMethod(where, id, param);
  if (method.customer === customer) return method;
  throw badParameter(
    `The customer does not have a payment method with the ID ${id}. The payment method must be attached ` +
      'to the customer.',
    { code: 'resource_missing', param },
  );
}
