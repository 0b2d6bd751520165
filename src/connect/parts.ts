import type Stripe from 'stripe';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { ReachFailpoint } from '../failpoints.ts';
import type { Api } from '../http/api.ts';
import type { RaiseAlarm } from '../inbox/alarms.ts';
import type { Handlers } from '../inbox/handlers.ts';
import type { JobContext } from '../jobs/context.ts';
import type { Timetable } from '../jobs/jobs.ts';
import type { Logger } from '../log.ts';
import type { OrderRow } from '../orders/order.ts';
import type { Side } from '../orders/rows.ts';
import type { Reference } from '../orders/settle.ts';
import type { StripeClients } from '../stripe/clients.ts';
import type { Secrets } from '../vault/vault.ts';
import { closeLinks } from './close-links.ts';
import { Sellers } from './create.ts';
import { addSellerHandlers } from './handlers.ts';
import type { LinkSettings } from './links.ts';
import { POLL_JOB, pollSellers } from './poll.ts';
import { sellerRoutes } from './routes.ts';
import { sellerById } from './rows.ts';
import { publicSeller, type OnSellerChange } from './seller.ts';
import type { ConnectSettings } from './settings.ts';
import { CLOSE_LINKS_JOB, SELLER_CHANGED_JOB, SellerSync, type SellerChange } from './sync.ts';

const EVERY_FIVE_MINUTES = '*/5 * * * *';

export interface SellerPartsOptions {
  database: Database;
  clients: StripeClients;
  handlers: Handlers;
  logger: Logger;
  clock: Clock;
  reach: ReachFailpoint;
  alarm: RaiseAlarm;
  side: Side;
  settings: LinkSettings &
    Secrets & {
      stripeConnectClientId?: string | undefined;
      connect: ConnectSettings;
    };
  settle: (reference: Reference) => Promise<OrderRow | null>;
  onSellerChange: OnSellerChange | undefined;
}

/** Everything about sellers that is not a page: taking them on, and knowing where they stand. */
export class SellerParts {
  readonly sync: SellerSync;
  readonly sellers: Sellers;
  readonly #options: SellerPartsOptions;

  constructor(options: SellerPartsOptions) {
    this.#options = options;
    const { database, clients, settings, side } = options;
    const stripe = (): Stripe => clients.own();
    this.sync = new SellerSync({ database, stripe, announces: options.onSellerChange !== undefined });
    this.sellers = new Sellers({
      ...options,
      stripe,
      sync: this.sync,
      livemode: side.livemode,
      isConfigured: clients.livemode !== null,
      settings: settings.connect,
      secrets: settings,
      oauth: settings.stripeConnectClientId !== undefined,
    });
  }

  addHandlers(): void {
    const { handlers, clients } = this.#options;
    addSellerHandlers(handlers, this.sync, () => clients.own());
  }

  addJobs({ job, cron }: Timetable): void {
    const { side, clients } = this.#options;
    const { sync, sellers } = this;
    job(POLL_JOB, async () => {
      const refresh = sync.refresh.bind(sync);
      const complete = sellers.complete.bind(sellers);
      await pollSellers({ ...this.#options, livemode: side.livemode, refresh, complete });
    });
    cron(EVERY_FIVE_MINUTES, POLL_JOB);
    job(CLOSE_LINKS_JOB, async (payload) => {
      const stripe = (account: string): Stripe => clients.for(account);
      await closeLinks({ ...this.#options, stripe }, (payload as { seller: string }).seller);
    });
    job(SELLER_CHANGED_JOB, (payload, context) => this.#tell(payload as SellerChange, context));
  }

  addRoutes(api: Api): void {
    const { side } = this.#options;
    sellerRoutes(api, {
      ...this.#options,
      livemode: side.livemode,
      sellers: this.sellers,
      sync: this.sync,
    });
  }

  async #tell({ seller: id, status, previous }: SellerChange, context: JobContext): Promise<void> {
    const { database, onSellerChange } = this.#options;
    const seller = await sellerById(database.sql, id);
    if (seller) await onSellerChange?.(publicSeller(seller), changeOf(context, { status, previous }));
  }
}

// Its `stripe` is made when it is asked for, and without a key throws: copying it would ask.
function changeOf(context: JobContext, change: Pick<SellerChange, 'status' | 'previous'>) {
  return Object.defineProperties({ ...change }, Object.getOwnPropertyDescriptors(context)) as JobContext &
    typeof change;
}
