import type { Params } from '../contract/validate.ts';
import type { Call, Resource } from '../server/call.ts';
import { emptyList } from '../server/list.ts';
import { needRow } from '../server/lookup.ts';
import type { StripeObject } from '../store/store.ts';

const KIND = 'tax.calculation';
const LINE = 'tax.calculation_line_item';
const VALID_SECONDS = 90 * 24 * 3600;
const GENERAL_CODE = 'txcd_10000000';
const SHIPPING_CODE = 'txcd_92010001';

/** docs.stripe.com/api/tax/calculations, for a seller without tax registrations, who collects nothing. */
export const taxCalculations: Resource = {
  routes: {
    'POST /v1/tax/calculations': create,
    'GET /v1/tax/calculations/{}/line_items': ({ realm, ids: [id = ''], path }) => ({
      ...emptyList(path),
      data: linesOf(needRow(realm, KIND, id).hidden?.['lines']),
    }),
  },
  includes: {
    'tax.calculation.line_items': (realm, { id = '' }) => {
      const data = linesOf(realm.row(KIND, id)?.hidden?.['lines']);
      return { ...emptyList(`/v1/tax/calculations/${id}/line_items`), data, total_count: data.length };
    },
  },
};

function create({ realm, params }: Call): StripeObject {
  const { line_items, shipping_cost, customer_details, ...fields } = params;
  const details = {
    ip_address: null,
    tax_ids: [],
    taxability_override: 'none',
    ...(customer_details as Params),
  };
  const country = ((details as Params)['address'] as Params | undefined)?.['country'] ?? null;
  const nothing = breakdown(country);
  const lines = (line_items as Params[]).map((line, index) => ({
    metadata: null,
    product: null,
    quantity: 1,
    reference: `L${index + 1}`,
    tax_behavior: 'exclusive',
    tax_code: GENERAL_CODE,
    ...line,
    id: `tax_li_${realm.secret(14)}`,
    object: LINE,
    amount_tax: 0,
    livemode: realm.livemode,
    tax_breakdown: [{ ...nothing, taxable_amount: 0 }],
  }));
  const shipping = shipping_cost && {
    tax_behavior: 'exclusive',
    tax_code: SHIPPING_CODE,
    ...(shipping_cost as Params),
    amount_tax: 0,
    tax_breakdown: [{ ...nothing, taxable_amount: 0 }],
  };
  const amounts = [...lines, ...(shipping ? [shipping] : [])] as { amount?: number }[];
  const total = amounts.reduce((sum, { amount = 0 }) => sum + amount, 0);
  return realm.insertRaw(
    KIND,
    {
      ...fields,
      amount_total: total,
      customer_details: details,
      expires_at: realm.now + VALID_SECONDS,
      shipping_cost: shipping ?? null,
      tax_amount_exclusive: 0,
      tax_amount_inclusive: 0,
      tax_breakdown: [summary(country, total)],
      tax_date: params['tax_date'] ?? realm.now,
    },
    { lines },
  );
}

function linesOf(lines: unknown): StripeObject[] {
  return (lines ?? []) as StripeObject[];
}

function breakdown(country: unknown): StripeObject {
  return {
    amount: 0,
    jurisdiction: { country, display_name: country, level: 'country', state: null },
    sourcing: 'destination',
    tax_rate_details: null,
    taxability_reason: 'not_collecting',
  };
}

function summary(country: unknown, total: number): StripeObject {
  return {
    amount: 0,
    inclusive: false,
    tax_rate_details: { country, percentage_decimal: '0.0', state: null, tax_type: null },
    taxability_reason: 'not_collecting',
    taxable_amount: total,
  };
}
