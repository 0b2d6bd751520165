import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import { describeError } from '../errors.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Logger } from '../log.ts';
import { formatMoney } from '../money.ts';
import { standingOf, UNANSWERED_STATUSES, type DisputeRow } from './dispute.ts';
import { disputesToLookAt, noteAlert } from './rows.ts';

const HOUR_MS = 3_600_000;
// Stripe tells of each change; once a day we ask all the same.
const UNHEARD_MS = 24 * HOUR_MS;
const DISPUTES_PER_RUN = 200;

export interface DeadlineOptions {
  database: Database;
  clock: Clock;
  logger: Logger;
  alarm: RaiseAlarm;
  livemode: boolean;
  /** Hours before the deadline at which somebody is told. */
  alertHours: readonly number[];
  /** Reads a dispute from Stripe. */
  refresh: (dispute: DisputeRow) => Promise<DisputeRow | null>;
}

/**
 * Reads open disputes that end soon, or that nobody told us of for a day, from Stripe, and alarms for those
 * that still need an answer: once for each step of `alertHours`, and for the latest only when several have
 * passed.
 */
export async function watchDeadlines(options: DeadlineOptions): Promise<void> {
  const { database, clock, logger, livemode, alertHours, refresh } = options;
  const now = clock.now();
  const found = await disputesToLookAt(database.sql, {
    livemode,
    unanswered: UNANSWERED_STATUSES,
    now: new Date(now),
    dueBefore: new Date(now + Math.max(0, ...alertHours) * HOUR_MS),
    unheardSince: new Date(now - UNHEARD_MS),
    limit: DISPUTES_PER_RUN,
  });
  for (const known of found) {
    try {
      const dispute = await refresh(known);
      if (dispute) await alertOf(dispute, options);
    } catch (error) {
      // One that Stripe can't tell us about must not keep us silent about the others.
      logger.warn({ dispute: known.id, error: describeError(error) }, 'a dispute could not be looked at');
      await alertOf(known, options);
    }
  }
}

async function alertOf(
  dispute: DisputeRow,
  { database, clock, alarm, alertHours }: DeadlineOptions,
): Promise<void> {
  const { evidence_due_by: due, amount, order, status } = dispute;
  if (due === null || !standingOf(status).needsResponse) return;
  const left = (Date.parse(due) - clock.now()) / HOUR_MS;
  const step = Math.min(...alertHours.filter((hours) => left < hours));
  if (left <= 0 || !Number.isFinite(step)) return;
  if (dispute.alerted_hours !== null && dispute.alerted_hours <= step) return;
  const what = `${formatMoney(amount)} of ${order ?? dispute.charge} (${dispute.reason})`;
  const staged = dispute.has_evidence ? 'evidence is staged and not submitted' : 'there is no evidence yet';
  const detail = `less than ${step} hours to answer a dispute about ${what}: ${staged}; due by ${due}`;
  alarm('dispute_deadline', dispute.id, detail);
  // Noted afterwards: a crash in between repeats an alert and loses none.
  await noteAlert(database.sql, dispute, step);
}
