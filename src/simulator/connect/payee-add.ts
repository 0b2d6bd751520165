import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { fingerprintOf, type CardEntry } from '../payments/card-details.ts';
import type { Realm } from '../realm.ts';
import { badParameter, missingParameter, noSuch, refused } from '../server/errors.ts';
import { aboutAccount } from './about.ts';
import { bankFields, bankOfToken, readBank, type BankEntry } from './bank-entry.ts';
import { debitCard, debitCardOfToken } from './bank-numbers.ts';
import { payeesOf, type Payee } from './payees.ts';

export interface Adding {
  /**
   * Takes the place of the default of its currency, which is removed; as `external_account` of an account
   * does.
   */
  replaces?: boolean;
  isDefault?: boolean | undefined;
  metadata?: unknown;
}

const PARAM = 'external_account';
const CARD_YEARS = 4;

/**
 * Adds a bank account or debit card to an account, from a token or from what was typed; reassess
 * afterwards.
 */
export function addPayee(realm: Realm, account: string, given: unknown, how: Adding = {}): Payee {
  const { platform } = realm;
  const { fields, number } =
    typeof given === 'string' ? fromToken(realm, given) : fromParams(realm, given as Params);
  const same = payeesOf(platform, account).filter(({ currency }) => currency === fields.currency);
  if (same.some(({ fingerprint }) => fingerprint === fields.fingerprint) && how.replaces !== true)
    throw refused(
      'A bank account with that routing number and account number already exists for this account.',
      {
        code: 'bank_account_exists',
        param: PARAM,
      },
    );
  const first = how.isDefault === true || how.replaces === true || same.length === 0;
  if (first)
    for (const each of same) if (each.default_for_currency === true) dethrone(platform, account, each, how);
  const kind = fields.object;
  const payee = platform.insert(
    kind as 'bank_account',
    {
      ...fields,
      account,
      default_for_currency: first,
      metadata: mergeMetadata({}, how.metadata),
    } as Partial<Stripe.BankAccount>,
    { number },
  );
  aboutAccount(platform, account, 'account.external_account.created', payee);
  return payee;
}

function dethrone(platform: Realm, account: string, payee: Payee, { replaces }: Adding): void {
  if (replaces === true) {
    removePayee(platform, account, payee);
    return;
  }
  const changed = platform.change(payee.object, payee.id, { default_for_currency: false });
  aboutAccount(platform, account, 'account.external_account.updated', changed, {
    default_for_currency: true,
  });
}

export function removePayee(platform: Realm, account: string, payee: Payee): void {
  platform.remove(payee.object, payee.id);
  aboutAccount(platform, account, 'account.external_account.deleted', payee);
}

interface Typed {
  fields: Partial<Payee> & { object: 'bank_account' | 'card' };
  number: string;
}

function fromToken(realm: Realm, token: string): Typed {
  const bank = bankOfToken(token) ?? tokenHidden(realm, token)?.bank;
  if (bank) return asBank(bank);
  const card = debitCardOfToken(token)?.number ?? tokenHidden(realm, token)?.entry?.number;
  if (card !== undefined) return asCard(realm, { number: card });
  throw noSuch('token', token, PARAM);
}

function tokenHidden(realm: Realm, token: string): { bank?: BankEntry; entry?: CardEntry } | undefined {
  return (realm.row('token', token) ?? realm.platform.row('token', token))?.hidden;
}

function fromParams(realm: Realm, params: Params): Typed {
  if (params['object'] !== 'card') return asBank(readBank(realm, params, PARAM));
  if (typeof params['token'] === 'string') return fromToken(realm, params['token']);
  if (params['number'] === undefined) throw missingParameter(`${PARAM}[number]`);
  return asCard(realm, params);
}

function asBank(entry: BankEntry): Typed {
  return { fields: { ...bankFields(entry), object: 'bank_account' }, number: entry.account_number };
}

function asCard(realm: Realm, entry: CardEntry): Typed {
  const number = (entry.number ?? '').replace(/[\s-]/g, '');
  const card = debitCard(number);
  if (!card)
    throw badParameter('Only debit cards can receive payouts, and this card is none.', {
      code: 'invalid_card_type',
      param: PARAM,
    });
  const instant = card.instant !== false;
  const year = new Date(realm.now * 1000).getUTCFullYear() + CARD_YEARS;
  const fields: Partial<Stripe.Card> & { object: 'card' } = {
    object: 'card',
    available_payout_methods: instant ? ['standard', 'instant'] : ['standard'],
    brand: card.brand,
    country: card.country,
    currency: card.currency,
    exp_month: entry.exp_month ?? 12,
    exp_year: entry.exp_year ?? year,
    fingerprint: fingerprintOf(number),
    funding: 'debit',
    last4: number.slice(-4),
  };
  return { fields, number };
}
