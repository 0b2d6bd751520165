import { createHmac } from 'node:crypto';

export const SECRET = 'whsec_bench';
const ID_DIGITS = 20;
const MARK = 'x'.repeat(ID_DIGITS);

/** A customer of about the size that Stripe sends: 2 KB as pretty-printed JSON. */
const TEMPLATE = JSON.stringify(
  {
    id: `evt_${MARK}`,
    object: 'event',
    api_version: '2026-10-28.endive',
    created: 1_790_000_000,
    data: {
      object: {
        id: `cus_${MARK}`,
        object: 'customer',
        address: {
          city: 'Oslo',
          country: 'NO',
          line1: 'Storgata 1',
          line2: null,
          postal_code: '0155',
          state: null,
        },
        balance: 0,
        created: 1_790_000_000,
        currency: null,
        default_source: null,
        delinquent: false,
        description: 'A customer of the bench '.repeat(20),
        discount: null,
        email: 'ann@example.com',
        invoice_prefix: 'ABCDEF12',
        invoice_settings: {
          custom_fields: null,
          default_payment_method: null,
          footer: null,
          rendering_options: null,
        },
        livemode: false,
        metadata: { plan: 'basic', region: 'north' },
        name: 'Ann Example',
        next_invoice_sequence: 1,
        phone: null,
        preferred_locales: ['en', 'nb'],
        shipping: {
          address: { city: 'Oslo', country: 'NO', line1: 'Storgata 1', postal_code: '0155' },
          name: 'Ann',
        },
        tax_exempt: 'none',
        test_clock: null,
      },
      previous_attributes: { name: 'Ann' },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: 'req_bench', idempotency_key: null },
    type: 'customer.updated',
  },
  null,
  2,
);

export const BODY_BYTES = Buffer.byteLength(TEMPLATE);

/** The whole HTTP request of event number `n`, signed now. `run` keeps the ids of two runs apart. */
export function requestOf(path: string, run: string, n: number): Buffer {
  const id = `${run}${String(n).padStart(ID_DIGITS - run.length, '0')}`;
  const body = TEMPLATE.replaceAll(MARK, id);
  const timestamp = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Content-Type: application/json; charset=utf-8',
    `Stripe-Signature: t=${timestamp},v1=${signature}`,
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Accept: */*; q=0.5, application/xml',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
