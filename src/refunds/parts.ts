import type { Database } from '../db/database.ts';
import { describeError } from '../errors.ts';
import type { Api } from '../http/api.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handlers } from '../inbox/handlers.ts';
import { enqueueOn } from '../jobs/enqueue.ts';
import type { Logger } from '../log.ts';
import type { Movements } from '../movements/movements.ts';
import type { Side } from '../orders/rows.ts';
import type { Settler } from '../orders/settle.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { RefundActions } from './actions.ts';
import { addRefundHandlers } from './handlers.ts';
import { addRefundPurposes } from './hooks.ts';
import type { RefundRow } from './refund.ts';
import { refundRoutes } from './routes.ts';
import { noteSilent, silentRefunds } from './rows.ts';
import { RefundSync } from './sync.ts';

// Some changes never become events. Banks take days for a refund, so a few looks a day are enough.
const SILENT_HOURS = 6;
const SILENT_REFUNDS_MAX = 100;
export const SWEEP_REFUNDS_JOB = 'quittance.sweep_refunds';

export interface RefundPartsOptions {
  database: Database;
  clients: StripeClients;
  movements: Movements;
  settler: Settler;
  handlers: Handlers;
  logger: Logger;
  alarm: RaiseAlarm;
  side: Side;
}

/** Everything about refunds, put together. */
export class RefundParts {
  readonly #options: RefundPartsOptions;
  readonly #sync: RefundSync;
  readonly #actions: RefundActions;

  constructor(options: RefundPartsOptions) {
    this.#options = options;
    this.#sync = new RefundSync(options);
    this.#actions = new RefundActions(options);
    addRefundPurposes(options.movements, this.#sync, options.alarm);
  }

  addHandlers(): void {
    addRefundHandlers(this.#options.handlers, this.#sync);
  }

  addRoutes(api: Api): void {
    refundRoutes(api, { ...this.#options, actions: this.#actions });
  }

  /** Reads the state of refunds on their way that nobody told of for long. */
  async sweep(): Promise<void> {
    const { database, side, logger } = this.#options;
    const which = { livemode: side.livemode, hours: SILENT_HOURS, limit: SILENT_REFUNDS_MAX };
    for (const refund of await silentRefunds(database.sql, which)) {
      try {
        await this.#read(refund);
      } catch (error) {
        // One that Stripe can't tell us about must not keep the others from being asked about.
        logger.warn({ refund: refund.id, error: describeError(error) }, 'a refund could not be read');
        await noteSilent(database.sql, refund.id);
      }
    }
  }

  async #read({ order_id, stripe_refund, account, livemode }: RefundRow): Promise<void> {
    const side = { account, livemode };
    await this.#options.database.transaction(async (sql, nested) => {
      const stripe = this.#options.clients.open()(side);
      const context = { side, sql, nested, enqueue: enqueueOn(sql), stripe };
      await this.#sync.follow(order_id, stripe_refund as string, context);
    });
  }
}
