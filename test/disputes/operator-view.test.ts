import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { GET_DISPUTE, GET_DISPUTE_EVIDENCE } from '../../src/disputes/operations.ts';
import { REASON_CODES } from '../../src/disputes/reasons.ts';
import { freshDatabase } from '../support/database.ts';
import {
  disputeOrder,
  disputeUntil,
  paidOrder,
  runDisputedPlatform,
  type DisputedPlatform,
} from '../support/dispute.ts';
import { API_KEY } from '../support/quittance.ts';

const PDF = Buffer.from('%PDF-1.7 what the customer signed');
const STORY = 'Ann Example of 1 Main Street ordered it herself';

let shop: DisputedPlatform;

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  shop = await runDisputedPlatform({ url, sql: database.sql });
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await shop.api(path);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('one dispute, as somebody who has to answer it sees it', () => {
  it('says what the bank’s reason means, what helps, by when, and of which order', async () => {
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }] });
    const id = await disputeOrder(shop, order, { reason: 'product_not_received' });
    await disputeUntil(shop, id, ({ movements }) => movements.length > 0);
    const { body } = await get(`/api/disputes/${id}`);
    expect(GET_DISPUTE.answer.safeParse(body).error).toBeUndefined();
    expect(body).toMatchObject({
      reason_words: 'The buyer says that they did not get what they paid for.',
      advice: expect.stringContaining('delivered') as string,
      refusal: null,
      order_facts: { status: 'disputed', amount: { value: 10_000, currency: 'usd' } },
    });
    expect(body.helps).toContain('shipping_tracking_number');
    expect(body.seconds_left).toBeGreaterThan(24 * 3600);
    expect((body.events as { type: string }[])[0]?.type).toBe('charge.dispute.created');

    const kept = await sendAndRead(id);
    expect(kept).toMatchObject({
      texts: expect.arrayContaining([{ field: 'uncategorized_text', text: STORY }]) as unknown,
      files: [{ field: 'shipping_documentation', type: 'pdf', bytes: PDF.length }],
    });
    expect(GET_DISPUTE_EVIDENCE.answer.safeParse(kept).error).toBeUndefined();
    const audit = await shop.sql<{ action: string; detail: unknown; outcome: string | null }>`
      select action, detail, outcome from quittance.audit where target = ${id} order by seq`;
    expect(audit).toEqual([
      { action: 'sendDisputeEvidence', detail: { submit: false }, outcome: null },
      { action: 'sendDisputeEvidence', detail: { submit: false }, outcome: 'done' },
      { action: 'sendDisputeFile', detail: { field: 'shipping_documentation' }, outcome: null },
      { action: 'sendDisputeFile', detail: { field: 'shipping_documentation' }, outcome: 'done' },
    ]);

    await send(id, { submit: true });
    expect((await get(`/api/disputes/${id}`)).body).toMatchObject({
      refusal: { code: 'dispute_under_review' },
      submission_count: 1,
    });
  });

  it('is found in its own mode only, and can be answered only where that mode’s key is', async () => {
    await insertDispute({ id: 'du_live', livemode: true });
    expect((await get('/api/disputes/du_live')).status).toBe(404);
    expect(await get('/api/disputes/du_live?livemode=true')).toMatchObject({
      status: 200,
      body: { refusal: { code: 'other_mode' } },
    });
    expect(await get('/api/disputes/du_live/evidence?livemode=true')).toMatchObject({
      status: 409,
      body: { code: 'other_mode' },
    });
  });
});

describe('the list of disputes', () => {
  it('by deadline begins with the nearest, ends with those that have none, and can be cut down', async () => {
    await shop.sql`delete from quittance.dispute`;
    await insertDispute({ id: 'du_none' });
    await insertDispute({ id: 'du_later', due: '2030-02-01', account: 'acct_ann' });
    await insertDispute({ id: 'du_first', due: '2030-01-01', reason: '=1+1' });
    await insertDispute({ id: 'du_over', due: '2030-01-15', status: 'lost', isClosed: true });
    await insertDispute({ id: 'du_live', due: '2030-01-10', livemode: true });
    expect(await ids('sort=deadline&limit=2')).toEqual(['du_first', 'du_over', 'du_later', 'du_none']);
    expect(await ids('sort=deadline&open=true&limit=1')).toEqual(['du_first', 'du_later', 'du_none']);
    expect(await ids('open=false')).toEqual(['du_over']);
    expect(await ids('due_before=2030-01-20T00:00:00Z&open=true')).toEqual(['du_first']);
    expect(await ids('unanswered=false')).toEqual(['du_over']);
    expect(await ids('unanswered=true&sort=deadline&limit=2')).toEqual(['du_first', 'du_later', 'du_none']);
    expect(await ids('account=acct_ann')).toEqual(['du_later']);
    expect(await ids('livemode=true')).toEqual(['du_live']);
    const csv = await (await shop.api('/api/exports/disputes?open=true')).text();
    expect(csv.split('\r\n').map((line) => line.split(',')[0])).toEqual([
      'id',
      ...(await ids('open=true')),
      '',
    ]);
    expect(csv).toContain(",'=1+1,");
  });
});

it('every reason that the installed stripe package knows has its words', () => {
  const path = new URL('../../node_modules/stripe/esm/resources/Disputes.d.ts', import.meta.url);
  const [, words = ''] =
    /Reason given by cardholder for dispute\. Possible values are (.*?)\. Learn/.exec(
      readFileSync(path, 'utf8'),
    ) ?? [];
  const known = [...words.matchAll(/`(\w+)`/g)].map(([, reason]) => String(reason));
  expect(known.length).toBeGreaterThan(10);
  expect(known.filter((reason) => !REASON_CODES.includes(reason))).toEqual([]);
});

function send(id: string, body: unknown): Promise<Response> {
  return shop.api(`/api/disputes/${id}/evidence`, { method: 'POST', body: JSON.stringify(body) });
}

/** Keeps a text and a file, and reads what Stripe has of them. */
async function sendAndRead(id: string): Promise<Record<string, unknown>> {
  await send(id, { evidence: { uncategorized_text: STORY } });
  const form = new FormData();
  form.append('field', 'shipping_documentation');
  form.append('file', new Blob([PDF]), 'label of Ann Example.pdf');
  const headers = { authorization: `Bearer ${API_KEY}` };
  await fetch(`${shop.url}/api/disputes/${id}/files`, { method: 'POST', headers, body: form });
  return (await get(`/api/disputes/${id}/evidence`)).body;
}

interface Made {
  id: string;
  livemode?: boolean;
  due?: string;
  account?: string;
  reason?: string;
  status?: string;
  isClosed?: boolean;
}

async function insertDispute(made: Made): Promise<void> {
  const { id, livemode = false, due = null, account = '', reason = 'general', isClosed = false } = made;
  await shop.sql`
    insert into quittance.dispute (id, livemode, account, charge, amount, currency, reason, status,
      evidence_due_by, opened_at, closed_at)
    values (${id}, ${livemode}, ${account}, 'ch_1', 1000, 'usd', ${reason},
      ${made.status ?? 'needs_response'}, ${due}::timestamptz, '2029-12-01'::timestamptz,
      case when ${isClosed}::boolean then now() end)`;
}

/** The ids of all pages. */
async function ids(query: string): Promise<string[]> {
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const { body } = await get(`/api/disputes?${query}${next && `&after=${next}`}`);
    seen.push(...(body.data as { id: string }[]).map(({ id }) => id));
    next = body.next as string | null;
  }
  return seen;
}
