import type { Hono } from 'hono';
import type { Foundation } from '../foundation.ts';
import type { Timetable } from '../marketplace.ts';
import type { Movements } from '../movements/movements.ts';
import type { Settler } from '../orders/settle.ts';
import { DisputeActions } from './actions.ts';
import { watchDeadlines } from './deadlines.ts';
import { addDisputeHandlers } from './handlers.ts';
import { addDisputePurposes } from './hooks.ts';
import { DisputeMoney } from './money.ts';
import { disputeRoutes } from './routes.ts';
import { Disputes } from './sync.ts';
import { FraudWarnings } from './warnings.ts';

const DEADLINES_JOB = 'quittance.dispute_deadlines';
// Not at the full hour, when everybody's timetable asks Stripe.
const HOURLY = '17 * * * *';

/** Everything about disputes, put together. */
export class DisputeParts {
  readonly #base: Foundation;
  readonly #disputes: Disputes;
  readonly #actions: DisputeActions;

  constructor(base: Foundation, { settler, movements }: { settler: Settler; movements: Movements }) {
    const { settings, alarm, databases, side } = base;
    this.#base = base;
    const money = new DisputeMoney({ policy: settings.connect.disputes, alarm });
    this.#disputes = new Disputes({ settler, money, alarm });
    addDisputePurposes(movements, alarm);
    const { livemode } = side;
    const disputes = this.#disputes;
    this.#actions = new DisputeActions({ ...base, database: databases.requests, disputes, livemode });
  }

  addHandlers(): void {
    const { handlers, alarm } = this.#base;
    addDisputeHandlers(handlers, { disputes: this.#disputes, warnings: new FraudWarnings(alarm) });
  }

  addJobs({ job, cron }: Timetable): void {
    const { databases, side, settings } = this.#base;
    job(DEADLINES_JOB, () =>
      watchDeadlines({
        ...this.#base,
        database: databases.requests,
        livemode: side.livemode,
        alertHours: settings.connect.dispute_alert_hours,
        refresh: (dispute) => this.#actions.refresh(dispute),
      }),
    );
    cron(HOURLY, DEADLINES_JOB);
  }

  addRoutes(app: Hono): void {
    const { databases, settings, side } = this.#base;
    disputeRoutes(app, {
      database: databases.requests,
      actions: this.#actions,
      apiKey: settings.apiKey,
      livemode: side.livemode,
    });
  }
}
