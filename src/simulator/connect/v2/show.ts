import type { StripeObject } from '../../store/store.ts';
import type { File } from '../assess.ts';
import { shownPerson } from './people.ts';
import { NO_EXTRAS, type Extras } from './read.ts';
import { CONFIGURATIONS, isoOf, TRANSFERS, v2Field, type Configuration } from './words.ts';

/** An account with what is known of it beyond what it shows. */
export type Known = Pick<File, 'account' | 'dossier' | 'persons'>;

/** Everything that /v2 can show of an account; what nobody asked to be included is null. */
export function shownAccount(known: Known, include: readonly string[], livemode: boolean): StripeObject {
  const { account, dossier } = known;
  const extras = extrasOf(known);
  const applied = appliedTo(known);
  const configurations = CONFIGURATIONS.filter((name) => include.includes(`configuration.${name}`));
  const part = (name: string, make: () => unknown): unknown => (include.includes(name) ? make() : null);
  const shown = (name: Configuration): unknown =>
    applied.includes(name) ? configurationOf(known, name) : null;
  return {
    id: account.id,
    object: 'v2.core.account',
    applied_configurations: applied,
    closed: dossier.closed,
    configuration:
      configurations.length === 0
        ? null
        : Object.fromEntries(configurations.map((name) => [name, shown(name)])),
    contact_email: account.email,
    contact_phone: extras.contact_phone,
    created: isoOf(account.created ?? 0),
    dashboard: extras.dashboard ?? account.controller?.stripe_dashboard?.type ?? null,
    defaults: part('defaults', () => defaultsPart(known)),
    display_name: extras.display_name,
    future_requirements: part('future_requirements', () => ({
      alternatives: [],
      entries: [],
      summary: null,
    })),
    identity: part('identity', () => identityPart(known)),
    livemode,
    metadata: account.metadata ?? {},
    requirements: part('requirements', () => requirementsPart(known)),
  };
}

export function extrasOf({ dossier }: Pick<Known, 'dossier'>): Extras {
  return { ...NO_EXTRAS, ...(dossier.v2 as Partial<Extras> | null) };
}

/** What an account is to the platform; one that /v1 made has no configurations but what it asked for. */
export function appliedTo(known: Pick<Known, 'dossier'>): Configuration[] {
  const { dossier } = known;
  if (dossier.v2 !== null) return CONFIGURATIONS.filter((name) => name in extrasOf(known).configuration);
  const asked = Object.keys(dossier.requested);
  return CONFIGURATIONS.filter((name) =>
    name === 'recipient' ? asked.includes('transfers') : name === 'merchant' && asked.some(isMerchants),
  );
}

/** The status of a capability of /v1 in the words of /v2. */
export function capabilityStatus(
  { account, dossier }: Pick<Known, 'account' | 'dossier'>,
  name: string,
): string {
  const status = (account.capabilities as Record<string, string> | undefined)?.[name];
  if (dossier.rejected !== null) return 'rejected';
  return status === 'active' || status === 'pending' ? status : 'restricted';
}

function configurationOf(known: Known, name: Configuration): object {
  const given = extrasOf(known).configuration[name] ?? {};
  const { dossier } = known;
  const asked = Object.keys(dossier.requested);
  if (name === 'customer') return { applied: true, ...given, capabilities: {} };
  const payouts = capability(known, known.account.payouts_enabled ? 'active' : 'restricted');
  if (name === 'recipient') {
    const transfers = asked.includes('transfers') && {
      stripe_transfers: capability(known, capabilityStatus(known, 'transfers')),
    };
    return { applied: true, capabilities: { stripe_balance: { payouts, ...transfers } } };
  }
  const own = asked
    .filter(isMerchants)
    .map((each) => [each, capability(known, capabilityStatus(known, each))] as const);
  const capabilities = { ...Object.fromEntries(own), stripe_balance: { payouts } };
  return { applied: true, ...given, capabilities };
}

function isMerchants(name: string): boolean {
  return name !== 'transfers';
}

function capability({ dossier }: Known, status: string): object {
  if (status === 'active') return { status, status_details: [] };
  if (status === 'pending') {
    const waits = { code: 'requirements_pending_verification', resolution: 'no_resolution' };
    return { status, status_details: [waits] };
  }
  const code = dossier.rejected?.replace('.', '_') ?? 'requirements_past_due';
  const resolution = dossier.rejected === null ? 'provide_info' : 'contact_stripe';
  return { status, status_details: [{ code, resolution }] };
}

function defaultsPart(known: Known): object {
  const { account } = known;
  const { locales, responsibilities } = extrasOf(known);
  const { controller, business_profile: profile } = account;
  const { payer } = controller?.fees ?? {};
  return {
    currency: account.default_currency ?? null,
    locales,
    profile: {
      business_url: profile?.url ?? null,
      doing_business_as: profile?.name ?? null,
      product_description: profile?.product_description ?? null,
    },
    responsibilities: {
      fees_collector: payer === undefined || payer === 'account' ? 'stripe' : payer,
      losses_collector: controller?.losses?.payments ?? 'stripe',
      ...responsibilities,
      requirements_collector: controller?.requirement_collection ?? 'stripe',
    },
  };
}

function identityPart(known: Known): object {
  const { account, dossier, persons } = known;
  const { business_type: type, company, tos_acceptance: terms } = account;
  const [first] = persons;
  const accepted = terms?.date
    ? { account: { date: isoOf(terms.date), ip: terms.ip ?? null, user_agent: terms.user_agent ?? null } }
    : { account: null };
  return {
    attestations: {
      persons_provided: {
        directors: company?.directors_provided ?? null,
        executives: company?.executives_provided ?? null,
        owners: company?.owners_provided ?? null,
      },
      terms_of_service: accepted,
    },
    business_details:
      type === 'individual' || !company
        ? null
        : {
            address: company.address ?? null,
            id_numbers: dossier.taxId === null ? [] : [{ registrar: null, type: 'us_ein' }],
            phone: company.phone ?? null,
            registered_name: company.name ?? null,
            structure: extrasOf(known).structure,
          },
    country: account.country?.toLowerCase() ?? null,
    entity_type: type ?? null,
    individual: type === 'individual' && first ? shownPerson(first.person, first.hidden) : null,
  };
}

function requirementsPart(known: Known): object {
  const { account } = known;
  const { requirements } = account;
  const overdue = new Set(requirements?.past_due);
  const due = new Set(requirements?.currently_due);
  const statusOf = (field: string): string =>
    overdue.has(field) ? 'past_due' : due.has(field) ? 'currently_due' : 'eventually_due';
  const entries = (requirements?.eventually_due ?? []).map((field) => entryOf(known, field, statusOf(field)));
  const worst = ['past_due', 'currently_due', 'eventually_due'].find((status) =>
    entries.some(({ minimum_deadline: deadline }) => deadline.status === status),
  );
  const time = requirements?.current_deadline ? isoOf(requirements.current_deadline) : null;
  return {
    alternatives: [],
    entries,
    summary: worst === undefined ? null : { minimum_deadline: { status: worst, time } },
  };
}

function entryOf(known: Known, field: string, status: string) {
  const { account, dossier } = known;
  const [head = ''] = field.split('.');
  const errors = (account.requirements?.errors ?? [])
    .filter(({ requirement }) => requirement === field)
    .map(({ code, reason }) => ({ code, description: reason }));
  return {
    awaiting_action_from: 'user',
    description: v2Field(field),
    errors,
    impact: {
      restricts_capabilities: Object.keys(dossier.requested).map((name) => ({
        capability: name === 'transfers' ? TRANSFERS : name,
        configuration: name === 'transfers' ? 'recipient' : 'merchant',
        deadline: { status },
      })),
    },
    minimum_deadline: { status },
    reference: head.startsWith('person_') ? { inquiry: null, resource: head, type: 'person' } : null,
    requested_reasons: [{ code: dossier.submitted ? 'routine_verification' : 'routine_onboarding' }],
  };
}
