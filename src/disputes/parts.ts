import type { Clock } from '../clock.ts';
import type { ConnectSettings } from '../connect/settings.ts';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handlers } from '../inbox/handlers.ts';
import type { Timetable } from '../jobs/jobs.ts';
import type { Logger } from '../log.ts';
import type { Movements } from '../movements/movements.ts';
import type { Side } from '../orders/rows.ts';
import type { Settler } from '../orders/settle.ts';
import type { StripeClients } from '../stripe/clients.ts';
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

export interface DisputePartsOptions {
  database: Database;
  clients: StripeClients;
  handlers: Handlers;
  movements: Movements;
  settler: Settler;
  clock: Clock;
  logger: Logger;
  alarm: RaiseAlarm;
  /** Our own account, in the mode of our key. */
  side: Side;
  connect: ConnectSettings;
}

/** Everything about disputes, put together. */
export class DisputeParts {
  readonly #options: DisputePartsOptions & { livemode: boolean };
  readonly #disputes: Disputes;
  readonly #actions: DisputeActions;

  constructor(options: DisputePartsOptions) {
    const { connect, settler, movements, alarm, side } = options;
    this.#options = { ...options, livemode: side.livemode };
    const money = new DisputeMoney({ policy: connect.disputes, alarm });
    this.#disputes = new Disputes({ settler, money, alarm });
    this.#actions = new DisputeActions({ ...this.#options, disputes: this.#disputes });
    addDisputePurposes(movements, { disputes: this.#disputes, alarm });
  }

  addHandlers(): void {
    const { handlers, alarm } = this.#options;
    addDisputeHandlers(handlers, { disputes: this.#disputes, warnings: new FraudWarnings(alarm) });
  }

  addJobs({ job, cron }: Timetable): void {
    const alertHours = this.#options.connect.dispute_alert_hours;
    const refresh = this.#actions.refresh.bind(this.#actions);
    job(DEADLINES_JOB, () => watchDeadlines({ ...this.#options, alertHours, refresh }));
    cron(HOURLY, DEADLINES_JOB);
  }

  addRoutes(api: Api): void {
    disputeRoutes(api, { ...this.#options, actions: this.#actions });
  }
}
