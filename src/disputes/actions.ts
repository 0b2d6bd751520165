import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Problem } from '../http/problem.ts';
import type { Read } from '../http/request.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Logger } from '../log.ts';
import { describeStripeError, stripeFailure, stripeRefusal } from '../stripe/failures.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { standingOf, type DisputeRow } from './dispute.ts';
import { FILE_FIELDS, type EvidenceRequest } from './evidence.ts';
import type { EvidenceFile } from './file.ts';
import { keptIn, type KeptEvidence } from './kept-evidence.ts';
import { disputeById } from './rows.ts';
import type { Disputes } from './sync.ts';

// Five megabytes over a slow line; a client of ours waits 8 s otherwise.
const UPLOAD_MS_MAX = 60_000;
const RETRY_AFTER_SECONDS = 5;

export interface DisputeActionsOptions {
  database: Database;
  clients: StripeClients;
  disputes: Disputes;
  clock: Clock;
  logger: Logger;
  livemode: boolean;
}

/**
 * What a platform may do about a dispute. Each reads it from Stripe before, so that nothing is sent for one
 * that is over, and again after. Problems: `dispute_not_found` (404), `dispute_closed`,
 * `dispute_under_review`, `deadline_passed` (409), `stripe_rejected` (422, with Stripe's code and words),
 * `stripe_unavailable` (502; nothing is lost by trying again).
 */
export class DisputeActions {
  readonly #options: DisputeActionsOptions;

  constructor(options: DisputeActionsOptions) {
    this.#options = options;
  }

  /** Keeps evidence with the dispute; with `submit` the bank gets everything that is there, once. */
  sendEvidence(id: string, { evidence, submit }: EvidenceRequest): Promise<Read<DisputeRow>> {
    return this.#act(id, (stripe) => stripe.disputes.update(id, { evidence, submit }));
  }

  /** Uploads a file and keeps it as a part of the evidence. It is not submitted by that. */
  sendFile(id: string, { field, file: content }: EvidenceFile): Promise<Read<DisputeRow>> {
    return this.#act(id, async (stripe) => {
      const { name, type } = content;
      const file = { name, type, data: Buffer.from(await content.arrayBuffer()) };
      const uploaded = await stripe.files.create(
        { purpose: 'dispute_evidence', file },
        { timeout: UPLOAD_MS_MAX },
      );
      await stripe.disputes.update(id, { evidence: { [field]: uploaded.id }, submit: false });
    });
  }

  /** Accepts the loss. That can't be taken back. */
  close(id: string): Promise<Read<DisputeRow>> {
    return this.#act(id, (stripe) => stripe.disputes.close(id));
  }

  /** What is kept at Stripe as evidence until now, submitted or not. */
  async readEvidence({ id, account, livemode }: DisputeRow): Promise<Read<KeptEvidence>> {
    const { clients, logger } = this.#options;
    if (livemode !== this.#options.livemode) return { problem: OTHER_MODE };
    try {
      const stripe = account === '' ? clients.own() : clients.for(account);
      const expand = FILE_FIELDS.map((field) => `evidence.${field}`);
      const { evidence } = await stripe.disputes.retrieve(id, { expand });
      return { value: keptIn(evidence) };
    } catch (error) {
      return { problem: problemOf(error, logger, id) };
    }
  }

  /** Why nothing can be sent now, or null. */
  refusalOf(dispute: DisputeRow): Problem | null {
    if (dispute.livemode !== this.#options.livemode) return OTHER_MODE;
    return this.#refuse(dispute);
  }

  /** Brings a dispute that we know to what Stripe says of it, in a transaction of its own. */
  async refresh({
    id,
    account,
    livemode,
    charge,
    payment_intent: intent,
  }: DisputeRow): Promise<DisputeRow | null> {
    const { database, clients, disputes } = this.#options;
    const synced = await database.transaction((sql, nested) => {
      const side = { account, livemode };
      const context = { side, sql, nested, enqueue: enqueueOn(sql), stripe: clients.open()(side) };
      return disputes.sync(id, context, { charge, intent });
    });
    return synced.dispute;
  }

  async #act(id: string, work: (stripe: Stripe) => Promise<unknown>): Promise<Read<DisputeRow>> {
    const { database, clients, livemode, logger } = this.#options;
    const known = await disputeById(database.sql, livemode, id);
    if (!known) return { problem: NOT_FOUND };
    try {
      const dispute = (await this.refresh(known)) ?? known;
      const refusal = this.#refuse(dispute);
      if (refusal) return { problem: refusal };
      await work(known.account === '' ? clients.own() : clients.for(known.account));
      return { value: (await this.refresh(known)) ?? dispute };
    } catch (error) {
      return { problem: problemOf(error, logger, id) };
    }
  }

  #refuse({ status, evidence_due_by: due, past_due }: DisputeRow): Problem | null {
    const { isOver, needsResponse } = standingOf(status);
    if (isOver) return conflict('dispute_closed', `This dispute is over (${status}): nothing can be sent.`);
    if (!needsResponse) return conflict('dispute_under_review', `The bank is deciding (${status}).`);
    if (status.startsWith('appeal')) return conflict('dispute_in_appeal', APPEAL);
    const isLate = past_due || (due !== null && Date.parse(due) <= this.#options.clock.now());
    return isLate ? conflict('deadline_passed', `Evidence had to be there by ${due}.`) : null;
  }
}

function problemOf(error: unknown, logger: Logger, dispute: string): Problem {
  const failure = stripeFailure(error);
  if (failure === null) throw error;
  logger.warn({ dispute, stripe: describeStripeError(error) }, 'Stripe did not do this for a dispute');
  return failure === 'rejected' ? rejected(error) : UNAVAILABLE;
}

function rejected(error: unknown): Problem {
  const { code, message, param } = stripeRefusal(error);
  const detail = `Stripe refused: ${message}`;
  return { status: 422, code: 'stripe_rejected', detail, extra: { stripe_code: code, stripe_param: param } };
}

function conflict(code: string, detail: string): Problem {
  return { status: 409, code, detail };
}

const APPEAL = 'An appeal is answered in Stripe’s Dashboard: what it takes depends on the card network.';

export const NOT_FOUND: Problem = {
  status: 404,
  code: 'dispute_not_found',
  detail: 'There is no such dispute.',
};

const OTHER_MODE: Problem = {
  status: 409,
  code: 'other_mode',
  detail: 'This server has no key for the mode of this dispute: answer it where that key is.',
};

const UNAVAILABLE: Problem = {
  status: 502,
  code: 'stripe_unavailable',
  detail: 'Stripe did not answer. Look at the dispute, and try again if nothing has changed.',
  headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
};
