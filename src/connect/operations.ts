import { z } from 'zod';
import { accountFilter, idPage, livemodeFilter, operation, pageSchema } from '../http/operation.ts';
import { REFERENCE_CHARACTERS_MAX, sellerRequestSchema } from './request.ts';
import { SELLER_STATUSES } from './seller.ts';

const SEARCH_CHARACTERS_MAX = 200;

const requirement = z
  .object({
    field: z.string().describe('In Stripe’s words'),
    due: z.enum(['now', 'past', 'later']),
    by: z.string().nullable().describe('The deadline, ISO 8601, when Stripe names one'),
    error: z.string().nullable().describe('Why what was entered is not good enough'),
  })
  .meta({ id: 'Requirement', description: 'One thing Stripe still wants of a seller' });

const missing = z
  .object({
    what: z.string().describe('In words'),
    due: z.enum(['now', 'past', 'later']),
    by: z.string().nullable().describe('The deadline, ISO 8601, when Stripe names one'),
    errors: z.array(z.string()).describe('Why what was entered is not good enough'),
  })
  .meta({ id: 'Missing', description: 'What a seller still has to do' });

const seller = z
  .object({
    id: z.string(),
    reference: z.string().describe('Your own id of the seller'),
    livemode: z.boolean(),
    status: z.enum(SELLER_STATUSES),
    mode: z.enum(['account_link', 'oauth']),
    preset: z.enum(['marketplace', 'full_dashboard']),
    api: z.enum(['v2', 'v1']),
    account: z.string().nullable().describe('acct_…; null before there is one'),
    name: z.string().nullable(),
    email: z.string().nullable(),
    country: z.string().nullable(),
    business_type: z.string().nullable(),
    requirements: z.array(requirement),
    missing: z.array(missing).describe('The requirements in words, each thing once'),
    reason: z.string().nullable().describe('Why it is restricted or disconnected'),
    charges_enabled: z.boolean(),
    payouts_enabled: z.boolean(),
    details_submitted: z.boolean(),
    default_currency: z.string().nullable(),
    dashboard: z.string().nullable(),
    created_at: z.iso.datetime(),
    checked_at: z.iso.datetime().describe('When Stripe was last asked'),
    connected_at: z.iso.datetime().nullable(),
    disconnected_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Seller', description: 'Who sells, and where their account at Stripe stands' });

const link = z
  .object({ url: z.string(), expires_at: z.iso.datetime() })
  .meta({ id: 'Link', description: 'An address that opens something for a while. Whoever has it is in' });

const filter = {
  status: z.enum(SELLER_STATUSES).nullable().default(null),
  reference: z.string().max(REFERENCE_CHARACTERS_MAX).nullable().default(null),
  account: accountFilter,
  search: z
    .string()
    .min(1)
    .max(SEARCH_CHARACTERS_MAX)
    .nullable()
    .default(null)
    .describe('A part of the id, account, reference, name or e-mail address'),
  livemode: livemodeFilter,
};

const tag = 'Sellers';
const reading = { method: 'GET', tag, role: 'viewer' } as const;
const doing = { method: 'POST', tag, role: 'operator' } as const;
const KNOWN = ['seller_not_found'];
const AT_STRIPE = ['stripe_not_configured', 'stripe_unavailable', 'stripe_rejected'];
const MADE_AT_STRIPE = [...AT_STRIPE, 'account_unsure', 'account_in_use'];

export const LIST_SELLERS = operation({
  ...reading,
  id: 'listSellers',
  path: '/api/connect/sellers',
  summary: 'List sellers, in the order of their ids',
  query: z.strictObject({ ...filter, ...idPage }),
  answer: pageSchema(seller),
});

export const EXPORT_SELLERS = operation({
  ...reading,
  id: 'exportSellers',
  path: '/api/exports/sellers',
  summary: 'The same list as CSV, all of it',
  query: z.strictObject(filter),
  answer: 'text/csv',
});

export const GET_SELLER = operation({
  ...reading,
  id: 'getSeller',
  path: '/api/connect/sellers/{id}',
  summary: 'One seller',
  query: z.strictObject({ livemode: livemodeFilter }),
  answer: seller,
  problems: KNOWN,
});

export const ADD_SELLER = operation({
  ...doing,
  id: 'addSeller',
  path: '/api/connect/sellers',
  summary: 'Take a seller on, with an account at Stripe',
  description:
    'The same reference is the same seller and one account, however often: 201 when new, else 200.',
  body: sellerRequestSchema,
  bodyExample: '{"reference":"owner-17","country":"US"}',
  unaudited: ['email', 'name', 'url', 'product_description', 'company', 'individual'],
  answer: z.object({
    seller,
    url: z.string().nullable().describe('Where the seller begins or goes on'),
    expires_at: z.iso.datetime().nullable(),
  }),
  statuses: [200, 201],
  problems: [...MADE_AT_STRIPE, 'seller_reference_used', 'account_not_found', 'oauth_not_configured'],
});

export const REFRESH_SELLER = operation({
  ...doing,
  id: 'refreshSeller',
  path: '/api/connect/sellers/{id}/refresh',
  summary: 'Read the seller’s account from Stripe now',
  answer: seller,
  problems: [...KNOWN, ...AT_STRIPE],
});

export const MAKE_ONBOARDING_LINK = operation({
  ...doing,
  id: 'makeOnboardingLink',
  path: '/api/connect/sellers/{id}/link',
  summary: 'A new link to begin or go on',
  answer: link,
  statuses: [201],
  problems: [...KNOWN, ...MADE_AT_STRIPE, 'seller_disconnected'],
});

export const MAKE_SELLER_PAGE_LINK = operation({
  ...doing,
  id: 'makeSellerPageLink',
  path: '/api/connect/sellers/{id}/page-links',
  summary: 'A link into the seller’s own page',
  answer: link,
  statuses: [201],
  problems: KNOWN,
});

export const DISCONNECT_SELLER = operation({
  ...doing,
  role: 'admin',
  id: 'disconnectSeller',
  path: '/api/connect/sellers/{id}/disconnect',
  summary: 'End the connection with a seller',
  description:
    'Who came by OAuth is let go and may come again. An account that the platform made can only be closed, ' +
    'for ever, and that has to be said.',
  body: z.strictObject({
    close_account: z.boolean({ error: 'must be true or false' }).default(false),
  }),
  bodyOptional: true,
  bodyExample: 'empty, {} or {"close_account":true}',
  answer: seller,
  problems: [...KNOWN, ...AT_STRIPE, 'no_account', 'close_required', 'oauth_not_configured'],
});

export const MAKE_STAFF_LINK = operation({
  ...doing,
  role: 'admin',
  id: 'makeStaffLink',
  path: '/api/connect/staff-links',
  summary: 'A link into the pages of staff, good once',
  answer: link,
  statuses: [201],
});
