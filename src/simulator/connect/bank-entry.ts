import type Stripe from 'stripe';
import type { Params } from '../contract/validate.ts';
import { fingerprintOf } from '../payments/card-details.ts';
import type { Realm } from '../realm.ts';
import { badParameter, missingParameter } from '../server/errors.ts';
import { isRouting, numberOfBankToken, testAccount, TEST_ROUTING } from './bank-numbers.ts';

/** A bank account as it is typed. */
export interface BankEntry {
  country: string;
  currency: string;
  account_number: string;
  routing_number: string | null;
  account_holder_name: string | null;
  account_holder_type: string | null;
}

/** Reads the parameters of a bank account; refuses what no bank would have. */
export function readBank(realm: Realm, params: Params, param: string): BankEntry {
  const text = (name: string): string | null => (params[name] as string | null | undefined) ?? null;
  const country = (text('country') ?? 'US').toUpperCase();
  const account_number = text('account_number')?.replace(/[\s-]/g, '');
  if (!account_number) throw missingParameter(`${param}[account_number]`);
  const entry = {
    country,
    currency: (text('currency') ?? (country === 'US' ? 'usd' : 'eur')).toLowerCase(),
    account_number,
    routing_number: text('routing_number')?.replace(/[\s-]/g, '') ?? null,
    account_holder_name: text('account_holder_name'),
    account_holder_type: text('account_holder_type'),
  };
  const complaint = bankComplaint(entry, realm.livemode);
  if (complaint)
    throw badParameter(complaint.message, { ...complaint, param: `${param}[${complaint.field}]` });
  return entry;
}

/** The account behind a ready-made token such as `btok_us_verified`. */
export function bankOfToken(token: string): BankEntry | undefined {
  const account_number = numberOfBankToken(token);
  if (account_number === undefined) return undefined;
  const holder = { account_holder_name: 'Jane Austen', account_holder_type: 'individual' };
  return { country: 'US', currency: 'usd', account_number, routing_number: TEST_ROUTING, ...holder };
}

/** What Stripe says against a typed account, in its words. */
function bankComplaint(
  { country, account_number, routing_number }: BankEntry,
  livemode: boolean,
): { field: 'routing_number' | 'account_number'; code: string; message: string } | undefined {
  if (country !== 'US') return undefined;
  const wrong = { code: 'routing_number_invalid', field: 'routing_number' } as const;
  if (routing_number === null || routing_number === '')
    return {
      ...wrong,
      code: 'parameter_missing',
      message: 'A routing number is required for US bank accounts.',
    };
  if (!/^\d{9}$/.test(routing_number)) return { ...wrong, message: 'Routing number must have 9 digits' };
  if (!isRouting(routing_number))
    return { ...wrong, message: `${routing_number} is not a valid routing number` };
  const number = { code: 'account_number_invalid', field: 'account_number' } as const;
  if (!/^\d{4,17}$/.test(account_number))
    return { ...number, message: 'Account numbers must have between 4 and 17 digits.' };
  if (livemode || testAccount(account_number)) return undefined;
  const message =
    'You must use a test bank account number in test mode. Try 000123456789 or see more options at ' +
    'https://stripe.com/docs/connect/testing#account-numbers.';
  return { ...number, message };
}

/** The fields of a bank account that Stripe shows. */
export function bankFields(entry: BankEntry): Partial<Stripe.BankAccount> {
  const { country, currency, account_number: number, routing_number, ...holder } = entry;
  const instant = country === 'US' && testAccount(number)?.instant !== false;
  return {
    ...holder,
    account_type: null,
    available_payout_methods: instant ? ['standard', 'instant'] : ['standard'],
    bank_name: 'STRIPE TEST BANK',
    country,
    currency,
    fingerprint: fingerprintOf(`${routing_number} ${number}`),
    last4: number.slice(-4),
    metadata: {},
    routing_number,
    status: 'new',
  };
}
