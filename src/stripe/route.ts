// What may stand before a collection: `/v1/checkout/sessions`.
const FOLDERS = wordsOf(
  'apple_pay apps billing billing_portal checkout climate commerce core entitlements financial_connections',
  'forwarding identity issuing money_management oauth product_catalog radar reporting sigma tax terminal',
  'test_helpers three_d_secure treasury vault',
);
// What stands behind a collection or an object where an id could stand.
const VERBS = wordsOf(
  'create_force_capture create_from_calculation create_preview create_reversal create_unlinked_refund delete',
  'deliver fail find preview report_payment respond return search ship submit',
);
const WORD = /^[a-z][a-z_]{1,40}$/;
const VERSION = /^v[12]$/;
const SEGMENTS_MAX = 10;

/**
 * The route of a call to Stripe, with `{id}` for every id: `/v1/charges/ch_123/refunds` is
 * `/v1/charges/{id}/refunds`. Ids of products or coupons may be plain words, so it goes by place.
 */
export function routeOf(path: string): string {
  const segments = (path.split('?', 1)[0] as string).split('/').slice(1, SEGMENTS_MAX + 1);
  let idIsNext = false;
  const parts = segments.map((segment) => {
    if (VERSION.test(segment)) return segment;
    if (idIsNext && !VERBS.has(segment)) {
      idIsNext = false;
      return '{id}';
    }
    if (!WORD.test(segment)) return '{id}';
    idIsNext = !FOLDERS.has(segment) && !VERBS.has(segment);
    return segment;
  });
  return `/${parts.join('/')}`;
}

function wordsOf(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}
