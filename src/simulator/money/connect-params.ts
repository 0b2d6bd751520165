import type Stripe from 'stripe';
import { accountOf } from '../connect/directory.ts';
import type { Params } from '../contract/validate.ts';
import type { Realm } from '../realm.ts';
import { badParameter, noSuch, refused } from '../server/errors.ts';

interface Split {
  destination?: string;
  amount?: number;
}

/**
 * Refuses what Connect does not allow in a payment: fees without somebody to take them from, fees and
 * transfers
 * larger than the payment, destinations that are not connected. `path` names the parameters' parent, if any.
 */
export function checkConnectParams(realm: Realm, params: Params, amount: number | null, path = ''): void {
  const name = (param: string): string => (path === '' ? param : `${path}[${param}]`);
  const fee = params['application_fee_amount'] as number | null | undefined;
  const split = params['transfer_data'] as Split | null | undefined;
  const behalf = params['on_behalf_of'] as string | null | undefined;
  checkAccounts(realm, { split, behalf }, name);
  const direct = realm.account !== realm.engine.settings.account;
  if (typeof fee === 'number') {
    if (!direct && !split?.destination) throw feeWithoutDestination(name('application_fee_amount'));
    if (fee < 0)
      throw badParameter('Invalid non-negative integer', {
        code: 'parameter_invalid_integer',
        param: name('application_fee_amount'),
      });
    if (amount !== null && fee > amount)
      throw badParameter('The application fee amount cannot be greater than the amount of the payment.', {
        code: 'amount_too_large',
        param: name('application_fee_amount'),
      });
    if (split?.amount !== undefined)
      throw badParameter(
        'You may only specify one of these parameters: application_fee_amount, transfer_data[amount].',
        { code: 'parameters_exclusive', param: name('transfer_data[amount]') },
      );
  }
  if (typeof split?.amount === 'number' && amount !== null && split.amount > amount)
    throw badParameter('The transfer amount cannot be greater than the amount of the payment.', {
      code: 'amount_too_large',
      param: name('transfer_data[amount]'),
    });
}

function checkAccounts(
  realm: Realm,
  { split, behalf }: { split: Split | null | undefined; behalf: string | null | undefined },
  name: (param: string) => string,
): void {
  if (split?.destination !== undefined) {
    const account = accountOf(realm, split.destination);
    if (!account) throw noSuch('destination', split.destination, name('transfer_data[destination]'));
    checkMayReceive(realm, account);
  }
  if (typeof behalf === 'string' && !accountOf(realm, behalf))
    throw noSuch('on_behalf_of', behalf, name('on_behalf_of'));
}

/**
 * Refuses a receiver that may not have transfers. As Stripe's sandboxes do, test mode lets through
 * accounts that
 * never asked for a capability.
 */
export function checkMayReceive(realm: Realm, account: Stripe.Account): void {
  const status = account.capabilities?.transfers;
  const lenient = !realm.livemode && status === undefined && !isRejected(account);
  if (status === 'active' || lenient) return;
  throw refused(
    'Your destination account needs to have at least one of the following capabilities enabled: transfers, ' +
      'crypto_transfers, legacy_payments',
    { code: 'insufficient_capabilities_for_transfer' },
  );
}

function isRejected({ requirements }: Stripe.Account): boolean {
  return requirements?.disabled_reason?.startsWith('rejected.') === true;
}

function feeWithoutDestination(param: string): Error {
  return badParameter(
    'Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment ' +
      '(using an ' +
      'OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).',
    { code: 'application_fees_not_allowed', param },
  );
}
