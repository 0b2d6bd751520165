import type { Params } from '../../contract/validate.ts';
import { controller, type Controller } from '../account-types.ts';
import { merged } from '../../server/hashes.ts';
import { personParams } from './people.ts';
import { CONFIGURATIONS, given, within } from './words.ts';

/** What /v2 knows of an account and /v1 has no place for. */
export interface Extras {
  /** Parameters of each configuration that is applied, as they were given. */
  configuration: Readonly<Record<string, Params>>;
  contact_phone: string | null;
  display_name: string | null;
  dashboard: string | null;
  locales: readonly string[];
  responsibilities: Readonly<Record<string, string>> | null;
  structure: string | null;
}

export const NO_EXTRAS: Extras = {
  configuration: {},
  contact_phone: null,
  display_name: null,
  dashboard: null,
  locales: [],
  responsibilities: null,
  structure: null,
};

/** Where a parameter of /v2 goes in /v1, when both mean the same. */
const PLACES: readonly (readonly [v2: string, v1: string])[] = [
  ['contact_email', 'email'],
  ['defaults.currency', 'default_currency'],
  ['defaults.profile.business_url', 'business_profile.url'],
  ['defaults.profile.doing_business_as', 'business_profile.name'],
  ['defaults.profile.product_description', 'business_profile.product_description'],
  ['display_name', 'settings.dashboard.display_name'],
  ['configuration.merchant.mcc', 'business_profile.mcc'],
  ['configuration.merchant.support.email', 'business_profile.support_email'],
  ['configuration.merchant.support.phone', 'business_profile.support_phone'],
  ['configuration.merchant.support.url', 'business_profile.support_url'],
  ['configuration.merchant.branding', 'settings.branding'],
  ['configuration.merchant.card_payments.decline_on', 'settings.card_payments.decline_on'],
  ['configuration.merchant.statement_descriptor.descriptor', 'settings.payments.statement_descriptor'],
  [
    'configuration.merchant.statement_descriptor.prefix',
    'settings.card_payments.statement_descriptor_prefix',
  ],
  ['identity.country', 'country'],
  ['identity.entity_type', 'business_type'],
  ['identity.business_details.registered_name', 'company.name'],
  ['identity.business_details.phone', 'company.phone'],
  ['identity.business_details.address', 'company.address'],
  ['identity.attestations.persons_provided.directors', 'company.directors_provided'],
  ['identity.attestations.persons_provided.executives', 'company.executives_provided'],
  ['identity.attestations.persons_provided.owners', 'company.owners_provided'],
  ['identity.attestations.terms_of_service.account.ip', 'tos_acceptance.ip'],
  ['identity.attestations.terms_of_service.account.user_agent', 'tos_acceptance.user_agent'],
  ['metadata', 'metadata'],
];

/** The parameters of /v1 that say what these of /v2 say. */
export function v1Params(params: Params): Params {
  const v1: Params = {};
  for (const [from, to] of PLACES) {
    const value = within(params, from);
    if (value !== undefined) put(v1, to.split('.'), value);
  }
  const date = within(params, 'identity.attestations.terms_of_service.account.date');
  if (typeof date === 'string') put(v1, ['tos_acceptance', 'date'], Math.floor(Date.parse(date) / 1000));
  const numbers = (within(params, 'identity.business_details.id_numbers') ?? []) as { value: string }[];
  if (numbers[0]) put(v1, ['company', 'tax_id'], numbers[0].value);
  const individual = within(params, 'identity.individual') as Params | undefined;
  if (individual) v1['individual'] = personParams(individual);
  const capabilities = requests(params);
  return Object.keys(capabilities).length > 0 ? { ...v1, capabilities } : v1;
}

/** Which capabilities are asked for, or no longer, by their names in /v1. */
function requests(params: Params): Params {
  const merchant = (within(params, 'configuration.merchant.capabilities') ?? {}) as Params;
  const asked = Object.entries(merchant).filter(([, value]) => wanted(value) !== undefined);
  const found = Object.fromEntries(asked.map(([name, value]) => [name, { requested: wanted(value) }]));
  const transfers = wanted(
    within(params, 'configuration.recipient.capabilities.stripe_balance.stripe_transfers'),
  );
  return transfers === undefined ? found : { ...found, transfers: { requested: transfers } };
}

function wanted(value: unknown): boolean | undefined {
  return (value as { requested?: boolean } | null | undefined)?.requested;
}

/** What /v2 remembers for itself after these parameters. */
export function extrasAfter(before: Extras, params: Params): Extras {
  const after: Params = { ...before };
  const configuration: Record<string, Params> = { ...before.configuration };
  for (const name of CONFIGURATIONS) {
    const part = within(params, `configuration.${name}`) as Params | null | undefined;
    if (part === undefined) continue;
    if (part === null || part['applied'] === false) delete configuration[name];
    else configuration[name] = merged(configuration[name] ?? {}, part) as Params;
  }
  for (const name of ['contact_phone', 'display_name', 'dashboard']) given(after, name, params[name]);
  given(after, 'locales', within(params, 'defaults.locales'));
  given(after, 'responsibilities', within(params, 'defaults.responsibilities'));
  given(after, 'structure', within(params, 'identity.business_details.structure'));
  return { ...(after as unknown as Extras), configuration };
}

/** The controller that /v1 shows for a dashboard and for who answers for what. */
export function controllerFor({ dashboard, responsibilities }: Extras): Controller {
  const fees = responsibilities?.['fees_collector'] ?? 'stripe';
  const losses = responsibilities?.['losses_collector'] ?? 'stripe';
  const board = dashboard ?? 'full';
  const byPlatform = board === 'none' && losses === 'application';
  return controller(
    fees === 'stripe' ? 'account' : fees,
    losses,
    byPlatform ? 'application' : 'stripe',
    board,
  );
}

function put(into: Params, path: readonly string[], value: unknown): void {
  let place = into;
  for (const name of path.slice(0, -1)) place = (place[name] ??= {}) as Params;
  place[path.at(-1) ?? ''] = value;
}
