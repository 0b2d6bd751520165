import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { Api } from '../http/api.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handlers } from '../inbox/handlers.ts';
import type { JobFunction } from '../jobs/context.ts';
import type { Logger } from '../log.ts';
import type { Movements } from '../movements/movements.ts';
import type { StripeClients } from '../stripe/clients.ts';
import { addPayoutPurpose } from './ask.ts';
import { addPayoutHandlers } from './handlers.ts';
import { payoutRoutes } from './routes.ts';
import { statementRoutes } from './statement/routes.ts';
import { sweepPayouts } from './sweep.ts';

const SWEEP_JOB = 'quittance.sweep_payouts';
// Not at the full hour, when everybody's timetable asks Stripe.
const HOURLY = '23 * * * *';

export interface PayoutPartsOptions {
  database: Database;
  handlers: Handlers;
  clients: StripeClients;
  clock: Clock;
  alarm: RaiseAlarm;
  logger: Logger;
  movements: Movements;
}

/** Everything about the money of sellers, put together. */
export class PayoutParts {
  readonly #options: PayoutPartsOptions;

  constructor(options: PayoutPartsOptions) {
    this.#options = options;
    addPayoutPurpose(options.movements, options);
  }

  addHandlers(): void {
    addPayoutHandlers(this.#options.handlers, this.#options);
  }

  addJobs({
    job,
    cron,
  }: {
    job: (name: string, work: JobFunction) => void;
    cron: (spec: string, name: string) => void;
  }): void {
    job(SWEEP_JOB, async () => void (await sweepPayouts(this.#options)));
    cron(HOURLY, SWEEP_JOB);
  }

  addRoutes(api: Api): void {
    payoutRoutes(api, this.#options);
    statementRoutes(api, this.#options);
  }
}
