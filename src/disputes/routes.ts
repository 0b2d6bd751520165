import type { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import { pageOf } from '../http/operation.ts';
import type { Read } from '../http/request.ts';
import { movementsOf } from '../movements/rows.ts';
import { orderById } from '../orders/rows.ts';
import { NOT_FOUND, type DisputeActions } from './actions.ts';
import { publicDispute, type Dispute, type DisputeRow } from './dispute.ts';
import { exportDisputes } from './export.ts';
import { disputesByDeadline, disputesByTime, eventsOf } from './list-rows.ts';
import * as operations from './operations.ts';
import { partsOf, RETRANSFER, REVERSAL } from './purposes.ts';
import { reasonOf } from './reasons.ts';
import { disputeById } from './rows.ts';
import { listWarnings } from './warning-rows.ts';

// A dispute has a dozen at most.
const EVENTS_MAX = 50;

export interface DisputeRoutesOptions {
  database: Database;
  actions: DisputeActions;
  clock: Clock;
  livemode: boolean;
}

type WholeDispute = z.input<typeof operations.GET_DISPUTE.answer>;

/** Disputes and warnings of fraud, for the platform's staff and programs. */
export function disputeRoutes(api: Api, options: DisputeRoutesOptions): void {
  const { database, actions } = options;
  const { sql } = database;

  api.on(operations.LIST_DISPUTES, async ({ query }) => {
    const { sort, limit, livemode = options.livemode, ...filter } = query;
    const list = sort === 'deadline' ? disputesByDeadline : disputesByTime;
    const found = await list(sql, { ...filter, livemode, limit: limit + 1 });
    return { value: pageOf(found.map(publicDispute), limit, ({ id }) => id) };
  });

  api.on(operations.EXPORT_DISPUTES, async ({ query }) => {
    const { livemode = options.livemode, ...filter } = query;
    return exportDisputes(sql, { ...filter, livemode });
  });

  api.on(operations.GET_DISPUTE, async ({ params, query }) => {
    const { livemode = options.livemode } = query;
    const dispute = await disputeById(sql, livemode, params.id ?? '');
    return dispute ? { value: await wholeOf(dispute, options) } : { problem: NOT_FOUND };
  });

  api.on(operations.GET_DISPUTE_EVIDENCE, async ({ params, query }) => {
    const { livemode = options.livemode } = query;
    const dispute = await disputeById(sql, livemode, params.id ?? '');
    return dispute ? actions.readEvidence(dispute) : { problem: NOT_FOUND };
  });

  api.on(operations.SEND_DISPUTE_EVIDENCE, async ({ params, body }) =>
    shown(await actions.sendEvidence(params.id ?? '', body)),
  );

  api.on(operations.SEND_DISPUTE_FILE, async ({ params, body }) =>
    shown(await actions.sendFile(params.id ?? '', body)),
  );

  api.on(operations.CLOSE_DISPUTE, async ({ params }) => shown(await actions.close(params.id ?? '')));

  api.on(operations.LIST_FRAUD_WARNINGS, async ({ query }) => {
    const { limit, livemode = options.livemode, ...filter } = query;
    const found = await listWarnings(sql, { ...filter, livemode, limit: limit + 1 });
    return { value: pageOf(found, limit, ({ id }) => id) };
  });
}

function shown(acted: Read<DisputeRow>): Read<Dispute> {
  return 'problem' in acted ? acted : { value: publicDispute(acted.value) };
}

async function wholeOf(
  dispute: DisputeRow,
  { database: { sql }, actions, clock }: DisputeRoutesOptions,
): Promise<WholeDispute> {
  const { advice, helps } = reasonOf(dispute.reason);
  const { evidence_due_by: due, account, livemode, id } = dispute;
  const refusal = actions.refusalOf(dispute);
  return {
    ...publicDispute(dispute),
    advice,
    helps: [...helps],
    seconds_left: due === null ? null : Math.floor((Date.parse(due) - clock.now()) / 1000),
    refusal: refusal && { code: refusal.code, detail: refusal.detail },
    order_facts: await orderFactsOf(dispute, { sql }),
    movements: await movementsBecauseOf(dispute, { sql }),
    events: await eventsOf(sql, { account, livemode }, id, EVENTS_MAX),
  };
}

async function orderFactsOf(
  { order: id }: DisputeRow,
  { sql }: Pick<Database, 'sql'>,
): Promise<WholeDispute['order_facts']> {
  const order = id === null ? null : await orderById(sql, id);
  if (!order) return null;
  const { status, product_name, items, amount, refunded, email, paid_at } = order;
  const product = product_name ?? (items.map(({ name }) => name).join(', ') || null);
  return { status, product, amount, refunded, email, paid_at };
}

/** What was taken from sellers and given back to them because of it. */
async function movementsBecauseOf(
  dispute: DisputeRow,
  { sql }: Pick<Database, 'sql'>,
): Promise<WholeDispute['movements']> {
  const all = dispute.order === null ? [] : await movementsOf(sql, dispute.order);
  return all.flatMap(({ id, purpose, subject, amount, status, stripe_id, error_code, error }) => {
    const { dispute: about, seller } = partsOf(subject);
    if (about !== dispute.id || (purpose !== REVERSAL && purpose !== RETRANSFER)) return [];
    return [{ id, purpose, seller, amount, status, stripe_id, error_code, error }];
  });
}
