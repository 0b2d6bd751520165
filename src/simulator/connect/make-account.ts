import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { applyPayoutParams, shownPayouts } from '../money/v1-settings.ts';
import type { Realm } from '../realm.ts';
import { emptyList } from '../server/list.ts';
import { aboutAccount } from './about.ts';
import { controllerOf, currencyOf, type Controller } from './account-types.ts';
import { APPLICATION_ID } from './directory.ts';
import { emptyDossier, type Dossier } from './dossier.ts';
import { changedDossier, changedFields, changedRequests, checkBasics } from './fields.ts';
import { addPayee } from './payee-add.ts';
import { addPerson, personsOf, updatePerson } from './persons.ts';
import { reassess } from './reassess.ts';
import { aboutV2 } from './v2-events.ts';
import { spendAccountToken } from './tokens.ts';

type Account = Stripe.Account;

const NO_TERMS = { date: null, ip: null, user_agent: null };
const NO_REVENUE = { amount: null, currency: null, fiscal_year_end: null };
const EMPTY_REQUIREMENTS = {
  alternatives: [],
  current_deadline: null,
  currently_due: [],
  disabled_reason: null,
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};

/**
 * Makes a connected account of /v1's parameters; without any it is a Standard account that has nothing yet.
 */
export function makeAccount(
  realm: Realm,
  params: Params,
  more: Partial<Dossier> = {},
  made = controllerOf(params),
): Account {
  checkBasics(params);
  const account = insertAccount(realm, params, made, more);
  if (more.v2) aboutV2(realm, account.id, 'v2.core.account.created');
  if (made.controller.stripe_dashboard?.type !== 'none') authorized(realm, account.id);
  applyParams(realm, account, params);
  reassess(realm, account.id, { fresh: true, before: account });
  return realm.platform.need('account', account.id);
}

/** Changes an account after /v1's parameters and says what follows from it. */
export function changeAccount(realm: Realm, before: Account, params: Params): Account {
  checkBasics(params);
  applyParams(realm, before, params);
  reassess(realm, before.id, { before });
  return realm.platform.need('account', before.id);
}

/** Says that an account has been connected to the platform. */
export function authorized(realm: Realm, account: string): void {
  aboutAccount(realm, account, 'account.application.authorized', application());
}

/** What Stripe shows of the platform as an application. */
export function application(): object {
  return { id: APPLICATION_ID, object: 'application', name: 'Quittance simulator' };
}

/** The empty beginnings of an account. */
export function insertAccount(
  realm: Realm,
  params: Params,
  { type, controller }: { type: Account['type']; controller: Controller },
  more: Partial<Dossier>,
): Account {
  const { platform } = realm;
  const id = (params['id'] as string | undefined) ?? platform.newId('account');
  const country = ((params['country'] as string | undefined) ?? 'US').toUpperCase();
  const fields: Partial<Account> = {
    id,
    business_profile: emptyProfile(),
    business_type: null,
    capabilities: {},
    charges_enabled: false,
    controller,
    country,
    created: platform.now,
    default_currency: currencyOf(country) ?? 'usd',
    details_submitted: false,
    email: null,
    external_accounts: {
      ...emptyList(`/v1/accounts/${id}/external_accounts`),
      total_count: 0,
    } as unknown as NonNullable<Account['external_accounts']>,
    future_requirements: EMPTY_REQUIREMENTS,
    metadata: mergeMetadata({}, undefined),
    payouts_enabled: false,
    requirements: EMPTY_REQUIREMENTS,
    settings: settingsFor(realm, id),
    tos_acceptance: NO_TERMS,
    type,
  };
  return platform.insert('account', fields, { ...emptyDossier('api'), ...more });
}

function applyParams(realm: Realm, before: Account, given: Params): void {
  const { platform } = realm;
  const params = spendAccountToken(realm, given);
  const { id } = before;
  const dossier = platform.row('account', id)?.hidden as unknown as Dossier;
  const wanted = (params['capabilities'] ?? {}) as Params;
  const payouts = (params['settings'] as Params | undefined)?.['payouts'] as Params | undefined;
  if (payouts) applyPayoutParams(realm.as(id), payouts);
  const account = platform.change('account', id, changedFields(before, params), {
    ...changedDossier(dossier, params),
    requested: changedRequests(dossier, wanted, platform.now),
  });
  if (payouts)
    platform.change('account', id, {
      settings: { ...account.settings, payouts: shownPayouts(realm.as(id)) } as NonNullable<
        Account['settings']
      >,
    });
  if (params['individual']) applyIndividual(realm, id, params['individual'] as Params);
  if (params['external_account'] !== undefined)
    addPayee(realm, id, params['external_account'], { replaces: true });
}

function applyIndividual(realm: Realm, account: string, params: Params): void {
  const [person] = personsOf(realm, account);
  if (person) updatePerson(realm, person, params);
  else addPerson(realm, account, { relationship: { representative: true }, ...params });
}

function emptyProfile(): NonNullable<Account['business_profile']> {
  return {
    annual_revenue: NO_REVENUE,
    estimated_worker_count: null,
    mcc: null,
    minority_owned_business_designation: null,
    name: null,
    product_description: null,
    specified_commercial_transactions_act_url: null,
    support_address: null,
    support_email: null,
    support_phone: null,
    support_url: null,
    url: null,
  };
}

function settingsFor(realm: Realm, id: string): NonNullable<Account['settings']> {
  return {
    bacs_debit_payments: { display_name: null, service_user_number: null },
    branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
    card_issuing: { tos_acceptance: { date: null, ip: null } },
    card_payments: {
      decline_on: { avs_failure: false, cvc_failure: false },
      statement_descriptor_prefix: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
    dashboard: { display_name: null, timezone: 'Etc/UTC' },
    invoices: { default_account_tax_ids: null, hosted_payment_method_save: 'offer' },
    payments: {
      statement_descriptor: null,
      statement_descriptor_kana: null,
      statement_descriptor_kanji: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
    payouts: shownPayouts(realm.as(id)),
    sepa_debit_payments: {},
  };
}
