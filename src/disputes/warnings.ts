import type Stripe from 'stripe';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import { done, ignored, type Outcome } from '../inbox/outcome.ts';
import { formatMoney } from '../money.ts';
import { idOf } from '../orders/payment.ts';
import type { SettleContext } from '../orders/settle.ts';
import { unlessMissing } from '../stripe/failures.ts';
import { findOrder, paymentOf } from './payment.ts';
import { saveWarning, type FraudWarning } from './warning-rows.ts';

export interface SyncedWarning {
  warning: FraudWarning | null;
  outcome: Outcome;
}

/** Early fraud warnings: a bank says that a payment was fraud, before anybody disputes it. */
export class FraudWarnings {
  readonly #alarm: RaiseAlarm;

  constructor(alarm: RaiseAlarm) {
    this.#alarm = alarm;
  }

  /** Writes down what Stripe says of a warning now, and tells what to do while something can be done. */
  async sync(id: string, context: Omit<SettleContext, 'nested' | 'enqueue'>): Promise<SyncedWarning> {
    const { sql, side, stripe } = context;
    const read = stripe.radar.earlyFraudWarnings.retrieve(id, { expand: ['charge'] });
    const found = (await unlessMissing(read)) as (WithCharge & Stripe.Radar.EarlyFraudWarning) | null;
    if (!found) return { warning: null, outcome: ignored('Stripe has no such warning') };
    const intent = idOf(found.payment_intent) ?? idOf(found.charge.payment_intent);
    const orderId = await findOrder({ ...paymentOf(found), intent }, context);
    const { warning, fresh } = await saveWarning(sql, {
      ...side,
      id,
      orderId,
      charge: found.charge.id,
      fraudType: found.fraud_type,
      actionable: found.actionable,
      createdAt: new Date(found.created * 1000),
    });
    if (fresh && warning.actionable) this.#alarm('fraud_warning', id, sayWarned(warning, found.charge));
    return { warning, outcome: done };
  }
}

interface WithCharge {
  charge: Stripe.Charge;
}

function sayWarned({ order, account, fraud_type: type }: FraudWarning, charge: Stripe.Charge): string {
  const value = charge.amount_captured - charge.amount_refunded;
  const amount = formatMoney({ value, currency: charge.currency });
  const where = account === null ? '' : ` on ${account}`;
  const what = `the buyer's bank reports a payment of ${amount}${where} as fraud (${type})`;
  const how =
    order === null
      ? `it is no order of ours: refund the charge ${charge.id}`
      : `refund order ${order} with reason "fraudulent"`;
  return `${what}; ${how} before a dispute comes, which costs a fee as well`;
}
