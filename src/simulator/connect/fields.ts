import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Params } from '../contract/validate.ts';
import { badParameter } from '../server/errors.ts';
import { merged } from '../server/hashes.ts';
import type { Dossier } from './dossier.ts';

type Account = Stripe.Account;

/** Parameters that an account takes over as they are. */
const PLAIN = ['business_type', 'default_currency', 'email', 'groups'] as const;

/** What is typed into a company and never shown again. */
const COMPANY_SECRETS = ['tax_id', 'vat_id', 'registration_number'] as const;

/** What the parameters change about the account itself; people, banks and capabilities are elsewhere. */
export function changedFields(account: Account, params: Params): Partial<Account> {
  const changes: Record<string, unknown> = {};
  for (const name of PLAIN) if (params[name] !== undefined) changes[name] = params[name];
  if (params['metadata'] !== undefined)
    changes['metadata'] = mergeMetadata(account.metadata, params['metadata']);
  if (params['business_profile'])
    changes['business_profile'] = merged(account.business_profile, params['business_profile']);
  const type = (params['business_type'] ?? account.business_type ?? 'individual') as string;
  // What is no individual has a company, also before anything is known of it.
  if (params['company'] || (type !== 'individual' && !account.company))
    changes['company'] = changedCompany(account, (params['company'] ?? {}) as Params);
  if (params['settings']) changes['settings'] = changedSettings(account, params['settings'] as Params);
  if (params['tos_acceptance'])
    changes['tos_acceptance'] = merged(account.tos_acceptance, params['tos_acceptance']);
  return changes;
}

/** What the parameters change that is known and not shown. */
export function changedDossier(dossier: Dossier, params: Params): Partial<Dossier> {
  const company = params['company'] as Params | undefined;
  const documents = Object.keys(params['documents'] ?? {});
  return {
    ...(company?.['tax_id'] !== undefined && { taxId: company['tax_id'] as string | null }),
    ...(documents.length > 0 && { documents: [...new Set([...dossier.documents, ...documents])] }),
  };
}

/** When each capability was asked for, after the parameters `capabilities[x][requested]`. */
export function changedRequests(dossier: Dossier, wanted: Params, now: number): Dossier['requested'] {
  const requested: Record<string, number> = { ...dossier.requested };
  for (const [name, value] of Object.entries(wanted)) {
    const asked = (value as { requested?: boolean } | null)?.requested;
    if (asked === true) requested[name] ??= now;
    if (asked === false) delete requested[name];
  }
  return requested;
}

function changedCompany(account: Account, given: Params): unknown {
  const shown = Object.fromEntries(
    Object.entries(given).filter(([name]) => !(COMPANY_SECRETS as readonly string[]).includes(name)),
  );
  const { verification, ...rest } = shown;
  const after = merged(account.company ?? emptyCompany(account), rest) as Record<string, unknown>;
  if (verification) after['verification'] = merged(after['verification'], verification);
  if (given['tax_id'] !== undefined) after['tax_id_provided'] = given['tax_id'] !== null;
  if (given['vat_id'] !== undefined) after['vat_id_provided'] = given['vat_id'] !== null;
  return after;
}

/** Payout schedules are kept with the money; see money/v1-settings.ts. */
function changedSettings(account: Account, given: Params): unknown {
  const { payouts: _payouts, ...rest } = given;
  return merged(account.settings, rest);
}

function emptyCompany({ country }: Pick<Account, 'country'>): object {
  const address = {
    city: null,
    country: country ?? null,
    line1: null,
    line2: null,
    postal_code: null,
    state: null,
  };
  const document = { back: null, details: null, details_code: null, front: null };
  return {
    address,
    directors_provided: false,
    executives_provided: false,
    name: null,
    owners_provided: false,
    phone: null,
    tax_id_provided: false,
    vat_id_provided: false,
    verification: { document },
  };
}

/** Refuses an e-mail address or a country that can't be one. */
export function checkBasics(params: Params): void {
  const email = params['email'] as string | null | undefined;
  if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email))
    throw badParameter(`Invalid email address: ${email.slice(0, 100)}`, {
      code: 'email_invalid',
      param: 'email',
    });
  const country = params['country'] as string | undefined;
  if (country !== undefined && !isCountry(country))
    throw badParameter(
      `Country '${country.slice(0, 20)}' is unknown. Try using a 2-character alphanumeric country code ` +
        `instead, such as 'US', 'EG', or 'GB'.`,
      {
        code: 'country_code_invalid',
        param: 'country',
      },
    );
}

// What Unicode knows as a region, its pseudo ones and groups of countries excepted.
const NO_COUNTRIES = new Set(['ZZ', 'EU', 'EZ', 'UN', 'QO', 'XA', 'XB']);

function isCountry(code: string): boolean {
  if (!/^[A-Za-z]{2}$/.test(code) || NO_COUNTRIES.has(code.toUpperCase())) return false;
  return (
    new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code.toUpperCase()) !== undefined
  );
}
