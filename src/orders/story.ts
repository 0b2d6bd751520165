import type { Sql } from '../db/sql.ts';
import type { Movement } from '../movements/movement.ts';
import { movementsOf } from '../movements/rows.ts';
import type { RefundRow } from '../refunds/refund.ts';
import { refundsOf } from '../refunds/rows.ts';
import { actsOf } from './act-rows.ts';
import { attemptsOf, FAILED_CHARGE, FAILED_PAYMENT } from './attempts.ts';
import type { OrderRow } from './order.ts';
import type { StoryLine } from './schemas.ts';
import * as lines from './story-lines.ts';
import * as rows from './story-rows.ts';

const EVENTS_MAX = 500;

/**
 * Everything that is known of an order, from its beginning to now: what happened here, what Stripe told, and
 * who did what. All from rows that are there anyway.
 */
export async function storyOf(order: OrderRow, sql: Sql): Promise<{ data: StoryLine[]; truncated: boolean }> {
  const [movements, refunds, disputes, warnings] = await Promise.all([
    movementsOf(sql, order.id),
    refundsOf(sql, order.id),
    rows.disputesOf(sql, order.id),
    rows.warningsOf(sql, order.id),
  ]);
  const [steps, acts, actions, jobs, events] = await Promise.all([
    rows.stepsOf(sql, order.id),
    actsOf(sql, order.id),
    rows.auditOf(sql, order.id),
    rows.jobsAbout(sql, order.id),
    eventsOf(order, idsOf(order, { movements, refunds, disputes, warnings }), sql),
  ]);
  const told = attemptsOf(events);
  const isTold = told.some((each) => 'attempt' in each);
  const data = [
    // What was decided stands before what came of it in the same transaction.
    ...acts.map(lines.ofAct),
    ...lines.ofOrder(order),
    ...told.map((each) => ('attempt' in each ? each.attempt : lines.ofEvent(each.event))),
    // An attempt that failed says more than the status it left behind.
    ...steps.filter(({ status }) => !isTold || status !== 'failed').flatMap(lines.ofStep),
    ...movements.flatMap(lines.ofMovement),
    ...refunds.map(lines.ofRefund),
    ...disputes.flatMap(lines.ofDispute),
    ...warnings.map(lines.ofWarning),
    ...actions.flatMap(lines.ofAction),
    ...jobs.map(lines.ofJob),
  ];
  // What happened in the same millisecond keeps the order in which it stands here.
  return {
    data: data.toSorted((a, b) => a.at.localeCompare(b.at)),
    truncated: events.length >= EVENTS_MAX,
  };
}

interface Around {
  movements: readonly Movement[];
  refunds: readonly RefundRow[];
  disputes: readonly { id: string }[];
  warnings: readonly { id: string }[];
}

/** Stripe's ids of everything that belongs to an order. */
function idsOf(order: OrderRow, { movements, refunds, disputes, warnings }: Around): string[] {
  const { checkout_session, payment_intent, charge } = order;
  return [
    checkout_session,
    payment_intent,
    charge,
    ...movements.map((each) => each.stripe_id),
    ...refunds.map((each) => each.stripe_refund),
    ...[...disputes, ...warnings].map((each) => each.id),
  ].filter((id) => id !== null);
}

/** An order keeps the charge that succeeded; those that failed stand in the events of its intent. */
async function eventsOf(order: OrderRow, objects: string[], sql: Sql): Promise<rows.StoryEvent[]> {
  const about = { bodiesOf: [FAILED_PAYMENT, FAILED_CHARGE], limit: EVENTS_MAX };
  const events = await rows.eventsAbout(sql, order, { ...about, objects });
  const failed = [...new Set(attemptsOf(events).flatMap((told) => told.charge ?? []))];
  const more = failed.filter((charge) => !objects.includes(charge));
  if (more.length === 0) return events;
  return [...events, ...(await rows.eventsAbout(sql, order, { ...about, objects: more }))];
}
