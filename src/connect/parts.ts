import type { Hono } from 'hono';
import type { Foundation } from '../foundation.ts';
import type { JobContext, Timetable } from '../jobs/jobs.ts';
import type { OrderRow } from '../orders/order.ts';
import type { Reference } from '../orders/settle.ts';
import { closeLinks } from './close-links.ts';
import { Sellers } from './create.ts';
import { addSellerHandlers } from './handlers.ts';
import { POLL_JOB, pollSellers } from './poll.ts';
import { sellerRoutes } from './routes.ts';
import { sellerById } from './rows.ts';
import { publicSeller } from './seller.ts';
import { CLOSE_LINKS_JOB, SELLER_CHANGED_JOB, SellerSync, type SellerChange } from './sync.ts';

const EVERY_FIVE_MINUTES = '*/5 * * * *';

/** Everything about sellers that is not a page: taking them on, and knowing where they stand. */
export class SellerParts {
  readonly sync: SellerSync;
  readonly sellers: Sellers;
  readonly #base: Foundation;
  readonly #settle: (reference: Reference) => Promise<OrderRow | null>;

  constructor(base: Foundation, settle: (reference: Reference) => Promise<OrderRow | null>) {
    this.#base = base;
    this.#settle = settle;
    const { clients, databases, settings, options, side } = base;
    const stripe = (): ReturnType<typeof clients.own> => clients.own();
    const database = databases.requests;
    const announces = options.onSellerChange !== undefined;
    this.sync = new SellerSync({ database, stripe, announces });
    this.sellers = new Sellers({
      ...base,
      database,
      stripe,
      sync: this.sync,
      livemode: side.livemode,
      settings: settings.connect,
      secret: settings.secret,
      oauth: settings.stripeConnectClientId !== undefined,
    });
  }

  addHandlers(): void {
    const { handlers, clients } = this.#base;
    addSellerHandlers(handlers, this.sync, () => clients.own());
  }

  addJobs({ job, cron }: Timetable): void {
    const { clients, databases, logger, side, options } = this.#base;
    const database = databases.requests;
    job(POLL_JOB, async () => {
      const refresh = this.sync.refresh.bind(this.sync);
      const complete = this.sellers.complete.bind(this.sellers);
      await pollSellers({ database, logger, livemode: side.livemode, refresh, complete });
    });
    cron(EVERY_FIVE_MINUTES, POLL_JOB);
    job(CLOSE_LINKS_JOB, async (payload) => {
      const stripe = (account: string): ReturnType<typeof clients.own> =>
        account === '' ? clients.own() : clients.for(account);
      const { seller } = payload as { seller: string };
      await closeLinks({ database, logger, stripe, settle: this.#settle }, seller);
    });
    job(SELLER_CHANGED_JOB, async (payload, context) => {
      const { seller: id, status, previous } = payload as SellerChange;
      const seller = await sellerById(database.sql, id);
      if (seller)
        await options.onSellerChange?.(publicSeller(seller), changeOf(context, { status, previous }));
    });
  }

  addRoutes(app: Hono): void {
    const { databases, settings, side, clock } = this.#base;
    const database = databases.requests;
    const { sellers, sync } = this;
    sellerRoutes(app, { database, clock, livemode: side.livemode, settings, sellers, sync });
  }
}

// Its `stripe` is made when it is asked for, and without a key throws: copying it would ask.
function changeOf(context: JobContext, change: Pick<SellerChange, 'status' | 'previous'>) {
  return Object.defineProperties({ ...change }, Object.getOwnPropertyDescriptors(context)) as JobContext &
    typeof change;
}
