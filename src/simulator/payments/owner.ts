import { accountOf } from '../connect/directory.ts';
import type { Params } from '../contract/validate.ts';
import { idOf } from '../kinds.ts';
import type { Realm } from '../realm.ts';
import { badParameter, noSuch } from '../server/errors.ts';

interface Owned {
  customer?: string | { id: string } | null;
  customer_account?: string | null;
}

/**
 * Whose a payment or a method is: a customer's or, of an account of /v2, that account's; null for a
 * guest's.
 */
export function ownerOf({ customer, customer_account }: Owned): string | null {
  return idOf(customer) ?? customer_account ?? null;
}

/** The fields that say whose something is. */
export function owned(owner: string | null): { customer: string | null; customer_account: string | null } {
  const account = owner?.startsWith('acct_') === true;
  return { customer: account ? null : owner, customer_account: account ? owner : null };
}

/** The owner that parameters name, by `customer` or its twin; undefined when they name none. */
export function namedOwner(realm: Realm, params: Params): string | undefined {
  const customer = params['customer'] as string | null | undefined;
  const account = params['customer_account'] as string | null | undefined;
  if (customer && account)
    throw badParameter('You may only specify one of these parameters: customer, customer_account.', {
      code: 'parameters_exclusive',
      param: 'customer_account',
    });
  if (customer) return realm.need('customer', customer, 'customer').id;
  if (!account) return undefined;
  if (!accountOf(realm, account)) throw noSuch('customer_account', account, 'customer_account');
  return account;
}
