import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { FIELDS_LEFT_OUT, FILE_FIELDS, TEXT_FIELDS } from '../../src/disputes/evidence.ts';
import { freshDatabase } from '../support/database.ts';
import {
  disputeOrder,
  disputeUntil,
  paidOrder,
  runDisputedPlatform,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { API_KEY } from '../support/quittance.ts';
import { startStripeProxy, type StripeProxy } from '../support/stripe-proxy.ts';

const MEGABYTE = 1024 * 1024;
const TEN_DAYS_MS = 10 * 24 * 3_600_000;
const SECRET = 'what the customer signed';
const PDF = Buffer.from(`%PDF-1.7 ${SECRET}`);

let shop: DisputedPlatform;
let proxy: StripeProxy;
let ahead = 0;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  const clock = { now: (): number => Date.now() + ahead };
  proxy = await startStripeProxy();
  shop = await runDisputedPlatform({ url, sql: database.sql }, { clock, stripeApiBase: proxy.url }, proxy);
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function post(path: string, body?: unknown): Promise<Answer> {
  const answer = await shop.api(`/api/disputes/${path}`, { method: 'POST', body: JSON.stringify(body) });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function postFile(id: string, parts: Record<string, string | Uint8Array>): Promise<Answer> {
  const form = new FormData();
  for (const [name, part] of Object.entries(parts)) {
    if (typeof part === 'string') form.append(name, part);
    else form.append(name, new Blob([part as BlobPart]), 'contract of Ann Example.exe');
  }
  const headers = { authorization: `Bearer ${API_KEY}` };
  const answer = await fetch(`${shop.url}/api/disputes/${id}/files`, { method: 'POST', headers, body: form });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

async function disputed(product = 'cabin'): Promise<string> {
  const id = await disputeOrder(shop, await paidOrder(shop, { items: [{ id: product }] }));
  await disputeUntil(shop, id, () => true);
  return id;
}

describe('evidence', () => {
  it('is gathered in words and files, submitted once, and wins', async () => {
    const id = await disputed();
    const staged = await post(`${id}/evidence`, { evidence: { product_description: 'A cabin' } });
    expect(staged).toMatchObject({ status: 200, body: { has_evidence: true, submission_count: 0 } });
    expect(await postFile(id, { field: 'customer_signature', file: PDF })).toMatchObject({
      status: 200,
      body: { id, status: 'needs_response' },
    });
    const { evidence } = await shop.stripe.disputes.retrieve(id);
    expect(evidence.product_description).toBe('A cabin');
    const file = await shop.stripe.files.retrieve(evidence.customer_signature as string);
    expect(file).toMatchObject({
      purpose: 'dispute_evidence',
      size: PDF.length,
      filename: 'customer_signature.pdf',
    });
    const answer = await fetch(file.url ?? '', { headers: { authorization: 'Bearer sk_test_suite' } });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(PDF);
    const last = { evidence: { uncategorized_text: 'winning_evidence' }, submit: true };
    expect(await post(`${id}/evidence`, last)).toMatchObject({
      status: 200,
      body: { status: 'under_review', submission_count: 1 },
    });
    expect(await post(`${id}/evidence`, last)).toMatchObject({
      status: 409,
      body: { code: 'dispute_under_review' },
    });
    await shop.advance(6);
    await disputeUntil(shop, id, ({ status }) => status === 'won');
    expect(await post(`${id}/evidence`, last)).toMatchObject({
      status: 409,
      body: { code: 'dispute_closed' },
    });
    expect(shop.log.text()).not.toContain(SECRET);
  });

  it('of a direct charge is sent on the seller’s account', async () => {
    const id = await disputed('tent');
    expect(await postFile(id, { field: 'receipt', file: PDF })).toMatchObject({
      status: 200,
      body: { account: shop.bob.account, has_evidence: true },
    });
    const options = { stripeAccount: shop.bob.account };
    const { evidence } = await shop.stripe.disputes.retrieve(id, undefined, options);
    expect((await shop.stripe.files.retrieve(evidence.receipt as string, undefined, options)).size).toBe(
      PDF.length,
    );
  });

  it('that nobody can use is refused with a reason, and nothing is sent', async () => {
    const id = await disputed();
    const uploads = (await shop.stripe.files.list()).data;
    const refused: [string, unknown, number, Record<string, unknown>][] = [
      ['du_none/evidence', { evidence: {} }, 404, { code: 'dispute_not_found' }],
      [`${id}/evidence`, undefined, 400, { code: 'invalid_request' }],
      [`${id}/evidence`, { evidence: { story: 'x' } }, 400, { field: 'evidence.story' }],
      [`${id}/evidence`, { evidence: { receipt: 'file_1' } }, 400, { field: 'evidence.receipt' }],
      [`${id}/evidence`, { evidence: { appeal: 'x' } }, 400, { field: 'evidence.appeal' }],
      [`${id}/evidence`, { evidence: { customer_name: 'a\0' } }, 400, { field: 'evidence.customer_name' }],
      [`${id}/evidence`, { evidence: {}, submitt: true }, 400, { field: 'submitt' }],
      [`${id}/evidence`, { evidence: {}, submit: 'yes' }, 400, { field: 'submit' }],
      [
        `${id}/evidence`,
        { evidence: { uncategorized_text: 'x'.repeat(20_001) } },
        400,
        { code: 'invalid_request' },
      ],
      [
        `${id}/evidence`,
        { evidence: Object.fromEntries(LONG_FIELDS.map((field) => [field, 'x'.repeat(20_000)])) },
        400,
        { field: 'evidence' },
      ],
      [
        `${id}/evidence`,
        { evidence: { uncategorized_text: 'x'.repeat(MEGABYTE) } },
        413,
        { code: 'body_too_large' },
      ],
    ];
    for (const [path, body, status, problem] of refused) {
      expect(await post(path, body)).toMatchObject({ status, body: problem });
    }
    const large = Buffer.concat([PDF, Buffer.alloc(5 * MEGABYTE)]);
    const files: [Record<string, string | Uint8Array>, number, Record<string, unknown>][] = [
      [{ field: 'receipt', file: large }, 413, { code: 'file_too_large' }],
      [{ field: 'receipt', file: Buffer.alloc(6 * MEGABYTE) }, 413, { code: 'file_too_large' }],
      [{ field: 'receipt', file: Buffer.from('MZ, a program') }, 415, { code: 'unsupported_file_type' }],
      [{ field: 'receipt', file: Buffer.alloc(0) }, 400, { field: 'file' }],
      [{ field: 'receipt', file: 'text' }, 400, { field: 'file' }],
      [{ field: 'customer_name', file: PDF }, 400, { field: 'field' }],
      [{ field: 'receipt', file: PDF, more: PDF }, 400, { code: 'invalid_request' }],
      [{ file: PDF }, 400, { code: 'invalid_request' }],
    ];
    for (const [parts, status, problem] of files) {
      expect(await postFile(id, parts)).toMatchObject({ status, body: problem });
    }
    expect(await post(`${id}/files`, {})).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
    ahead = TEN_DAYS_MS;
    const late = await post(`${id}/evidence`, { evidence: {}, submit: true });
    ahead = 0;
    expect(late).toMatchObject({ status: 409, body: { code: 'deadline_passed' } });
    shop.simulator.faults.add({ kind: 'rate_limit', match: `POST /v1/disputes/${id}`, times: 2 });
    expect(await post(`${id}/evidence`, { evidence: {}, submit: true })).toMatchObject({
      status: 502,
      body: { code: 'stripe_unavailable' },
    });
    shop.simulator.faults.clear();
    proxy.answer({
      match: `POST /v1/disputes/${id}`,
      times: 1,
      status: 400,
      error: { type: 'invalid_request_error', code: 'dispute_evidence_page_limit_exceeded' },
    });
    expect(await post(`${id}/evidence`, { evidence: {} })).toMatchObject({
      status: 422,
      body: { code: 'stripe_rejected', stripe_code: 'dispute_evidence_page_limit_exceeded' },
    });
    const untouched = await shop.stripe.disputes.retrieve(id);
    expect(untouched.evidence_details).toMatchObject({ has_evidence: false, submission_count: 0 });
    expect((await shop.stripe.files.list()).data).toEqual(uploads);
    for (const path of ['', `/${id}`])
      expect((await fetch(`${shop.url}/api/disputes${path}`)).status).toBe(401);
    expect((await fetch(`${shop.url}/api/fraud-warnings`)).status).toBe(401);
  });

  it('may be forgone: the loss is accepted once', async () => {
    const id = await disputed();
    expect(await post(`${id}/close`)).toMatchObject({ status: 200, body: { status: 'lost' } });
    expect(await post(`${id}/close`)).toMatchObject({ status: 409, body: { code: 'dispute_closed' } });
  });
});

it('disputes are listed page by page, by status and by order', async () => {
  const made = [await disputed('coffee'), await disputed('coffee'), await disputed('coffee')];
  await post(`${made[0]}/close`);
  const { order } = await disputeUntil(shop, made[1] as string, () => true);
  const list = async (query: string): Promise<{ status: number; data: string[]; next: string | null }> => {
    const answer = await shop.api(`/api/disputes?${query}`);
    const body = (await answer.json()) as { data?: { id: string }[]; next: string | null };
    return { status: answer.status, data: body.data?.map(({ id }) => id) ?? [], next: body.next };
  };
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: Awaited<ReturnType<typeof list>> = await list(
      `limit=2${next === '' ? '' : `&after=${next}`}`,
    );
    seen.push(...page.data);
    next = page.next;
  }
  expect(seen.filter((id) => made.includes(id)).toSorted()).toEqual(made.toSorted());
  expect(new Set(seen).size).toBe(seen.length);
  const lost = await list('status=lost&limit=1000');
  expect(lost.data.filter((id) => made.includes(id))).toEqual([made[0]]);
  expect((await list(`order=${order}`)).data).toEqual([made[1]]);
  for (const wrong of ['status=gone', 'limit=0', 'limit=1001', 'page=2']) {
    expect((await list(wrong)).status).toBe(400);
  }
});

it('every field of evidence that the installed stripe package knows is taken, or left out on purpose', () => {
  const path = new URL('../../node_modules/stripe/esm/resources/Disputes.d.ts', import.meta.url);
  const [, params = ''] = readFileSync(path, 'utf8').split('namespace DisputeUpdateParams {');
  const [, block = ''] = /interface Evidence \{(.*?)\n {4}\}/s.exec(params) ?? [];
  const fields = [...block.matchAll(/^ {8}(\w+)\?:/gm)].map(([, name]) => String(name));
  expect(fields.length).toBeGreaterThan(20);
  expect([...TEXT_FIELDS, ...FILE_FIELDS, ...FIELDS_LEFT_OUT].toSorted()).toEqual(fields.toSorted());
});

const LONG_FIELDS = [
  'access_activity_log',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'duplicate_charge_explanation',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'uncategorized_text',
];
