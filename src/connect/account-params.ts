import type Stripe from 'stripe';
import { INCLUDE } from './facts.ts';
import type { SellerRequest } from './request.ts';
import { SELLER_FIELD } from './seller.ts';
import type { ConnectSettings } from './settings.ts';

/** Which account is made. */
export interface AccountKind {
  preset: ConnectSettings['preset'];
  api: ConnectSettings['api'];
}

/**
 * What Stripe is asked for, filled in with all that is known: after the first link a platform can write none
 * of it any more. The seller's id goes along as metadata, so that the account is found again after a crash.
 */
export function accountParams(
  sellerId: string,
  request: SellerRequest,
  { preset, api }: AccountKind,
): Stripe.V2.Core.AccountCreateParams | Stripe.AccountCreateParams {
  const metadata = { [SELLER_FIELD]: sellerId };
  return api === 'v2' ? v2Params(request, preset, metadata) : v1Params(request, preset, metadata);
}

/** What the seller is called, as far as it was said. */
export function nameOf({ name, company, individual }: SellerRequest): string | null {
  const person = [individual?.first_name, individual?.last_name].filter(Boolean).join(' ');
  return name ?? company?.name ?? (person === '' ? null : person);
}

/** Who the seller is in Stripe's words: said, or to be seen from what else was said. */
export function businessTypeOf({ business_type: type, company, individual }: SellerRequest): string | null {
  return type ?? (individual ? 'individual' : company ? 'company' : null);
}

const V2_PRESETS = {
  // Asking for card payments too would make onboarding longer, for what a marketplace's seller never does.
  marketplace: {
    dashboard: 'express',
    responsibilities: { fees_collector: 'application', losses_collector: 'application' },
    configuration: {
      recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } },
    },
  },
  full_dashboard: {
    dashboard: 'full',
    responsibilities: { fees_collector: 'stripe', losses_collector: 'stripe' },
    configuration: { merchant: { capabilities: { card_payments: { requested: true } } } },
  },
} as const;

function v2Params(
  request: SellerRequest,
  preset: ConnectSettings['preset'],
  metadata: Record<string, string>,
): Stripe.V2.Core.AccountCreateParams {
  const { dashboard, responsibilities, configuration } = V2_PRESETS[preset];
  const { company, individual, country } = request;
  const profile = without({
    business_url: request.url,
    product_description: request.product_description,
  });
  return without({
    contact_email: request.email,
    display_name: nameOf(request) ?? undefined,
    dashboard,
    configuration,
    defaults: without({ responsibilities, profile: Object.keys(profile).length > 0 ? profile : undefined }),
    identity: without({
      country: country?.toLowerCase(),
      entity_type: businessTypeOf(request) ?? undefined,
      business_details:
        company &&
        without({ registered_name: company.name, phone: company.phone, address: v2Address(company.address) }),
      individual:
        individual &&
        without({
          given_name: individual.first_name,
          surname: individual.last_name,
          email: individual.email,
          phone: individual.phone,
          date_of_birth: individual.dob,
          address: v2Address(individual.address),
        }),
    }),
    metadata,
    include: INCLUDE,
  }) as Stripe.V2.Core.AccountCreateParams;
}

type Address = NonNullable<SellerRequest['individual']>['address'];

function v2Address(address: Address): Address {
  return address && without({ ...address, country: address.country?.toLowerCase() });
}

// Transfers alone need Stripe's permission in /v1, so both are asked for there.
const V1_CAPABILITIES = { card_payments: { requested: true }, transfers: { requested: true } };

const V1_CONTROLLERS = {
  marketplace: {
    stripe_dashboard: { type: 'express' },
    fees: { payer: 'application' },
    losses: { payments: 'application' },
    requirement_collection: 'stripe',
  },
  full_dashboard: {
    stripe_dashboard: { type: 'full' },
    fees: { payer: 'account' },
    losses: { payments: 'stripe' },
    requirement_collection: 'stripe',
  },
} as const;

function v1Params(
  request: SellerRequest,
  preset: ConnectSettings['preset'],
  metadata: Record<string, string>,
): Stripe.AccountCreateParams {
  const profile = without({
    name: nameOf(request) ?? undefined,
    url: request.url,
    product_description: request.product_description,
  });
  return without({
    controller: V1_CONTROLLERS[preset],
    country: request.country,
    email: request.email,
    business_type: businessTypeOf(request) ?? undefined,
    business_profile: Object.keys(profile).length > 0 ? profile : undefined,
    company: request.company,
    individual: request.individual,
    capabilities: V1_CAPABILITIES,
    metadata,
  });
}

/** The object without the fields that are undefined, which would be sent as empty. */
function without<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
