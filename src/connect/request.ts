import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { isStorable, UNSTORABLE, type Read } from '../http/request.ts';
import type { Secrets } from '../vault/vault.ts';
import type { SellerRow } from './seller.ts';

export const REFERENCE_CHARACTERS_MAX = 200;

const text = (max: number): z.ZodString => z.string().min(1).max(max).refine(isStorable, UNSTORABLE);

const addressSchema = z.strictObject({
  line1: text(200).optional(),
  line2: text(200).optional(),
  city: text(100).optional(),
  state: text(100).optional(),
  postal_code: text(20).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166), for example "US"')
    .optional(),
});

/** What is known of a company. Numbers that identify it are Stripe's pages' to ask for. */
const companySchema = z.strictObject({
  name: text(200).optional(),
  phone: text(40).optional(),
  address: addressSchema.optional(),
});

const individualSchema = z.strictObject({
  first_name: text(100).optional(),
  last_name: text(100).optional(),
  email: z.email({ error: 'must be an e-mail address' }).max(254).optional(),
  phone: text(40).optional(),
  dob: z
    .strictObject({
      day: z.int().min(1).max(31),
      month: z.int().min(1).max(12),
      year: z.int().min(1880).max(2100),
    })
    .optional(),
  address: addressSchema.optional(),
});

/** The body of `POST /api/connect/sellers`. */
export const sellerRequestSchema = z
  .strictObject({
    reference: z
      .string({ error: 'must be your own id of the seller' })
      .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')
      .max(REFERENCE_CHARACTERS_MAX),
    mode: z.enum(['account_link', 'oauth']).optional(),
    preset: z.enum(['marketplace', 'full_dashboard']).optional(),
    api: z.enum(['v2', 'v1']).optional(),
    account: z
      .string()
      .regex(/^acct_[A-Za-z0-9]{1,100}$/, 'must be the id of an account: acct_…')
      .optional(),
    email: z.email({ error: 'must be an e-mail address' }).max(254).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be two capital letters (ISO 3166), for example "US"')
      .optional(),
    business_type: z.enum(['individual', 'company', 'non_profit', 'government_entity']).optional(),
    name: text(200).optional(),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' })
      .max(500)
      .refine(isStorable, UNSTORABLE)
      .optional(),
    product_description: text(1_000).optional(),
    company: companySchema.optional(),
    individual: individualSchema.optional(),
  })
  .superRefine(({ mode, account, individual, company, business_type: type }, context) => {
    const refuse = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    if (individual && company) refuse('company', 'and "individual" exclude each other');
    if (individual && type && type !== 'individual')
      refuse('individual', `does not fit the business_type ${type}`);
    if (company && type === 'individual') refuse('company', 'does not fit the business_type individual');
    if (mode === 'oauth' && account) refuse('account', 'is what OAuth finds out: leave it away, or the mode');
  });

/** What a seller is made from; absent fields were not said. */
export type SellerRequest = z.output<typeof sellerRequestSchema>;

export type { Read as Reading };

/**
 * A keyed hash for each field that was sent. It stays when the data themselves are gone, and tells whether a
 * repeat contradicts; without the key nobody can try out birthdays against it.
 */
export function hashesOf(request: SellerRequest, secret: string): Record<string, string> {
  const hash = (name: string, value: unknown): string =>
    createHmac('sha256', secret)
      .update(`seller\n${name}\n${JSON.stringify(sorted(value))}`)
      .digest('base64url')
      .slice(0, 22);
  return Object.fromEntries(
    Object.entries(request)
      .filter(([name, value]) => name !== 'reference' && value !== undefined)
      .map(([name, value]) => [name, hash(name, value)]),
  );
}

/**
 * The first field in which a repeat says something else than was said. Silence is no contradiction. The
 * hashes may be of a secret of before.
 */
export function contradictionOf(
  seller: Pick<SellerRow, 'request_hashes' | 'account' | Plain>,
  request: SellerRequest,
  { secret, previousSecrets }: Secrets,
): string | null {
  const hashes = [secret, ...previousSecrets].map((each) => hashesOf(request, each));
  const changed = Object.keys(hashes[0] ?? {}).find((name) => {
    // What the account is can be said later, when it could not be told before.
    if (name === 'account') return seller.account !== null && seller.account !== request.account;
    // What has a default or follows from something else may be said later, if it is the same.
    if (isPlain(name)) return seller[name] !== request[name];
    return !hashes.some((each) => seller.request_hashes[name] === each[name]);
  });
  return changed ?? null;
}

const PLAIN = ['mode', 'preset', 'api', 'business_type'] as const;
type Plain = (typeof PLAIN)[number];

function isPlain(name: string): name is Plain {
  return (PLAIN as readonly string[]).includes(name);
}

// The order of fields means nothing.
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => [name, sorted(inner)]);
}
